//! The back-ends that show how to write one.

use super::{Domain, Parameter, Table};

pub(super) static IDENTITY: Table = Table {
    backend: "identity",
    reader: "the identity back-end",
    is_closed: false,
    parameters: &[
        Parameter::new("execute_delay_ms", Domain::INTEGER, "Milliseconds that every execution waits.").default("0"),
        Parameter::new(
            "instance_wise_delay_multiplier",
            Domain::INTEGER,
            "Multiplies the delay by this and the number of the instance.",
        )
        .default("0"),
        Parameter::new("creation_delay_sec", Domain::INTEGER, "Seconds that the creation of an instance waits.")
            .default("0"),
        Parameter::new("enable_custom_tracing", Domain::Text, "Writes trace activities of its own."),
        Parameter::new("nested_span_count", Domain::INTEGER, "Spans within one another in a trace."),
        Parameter::new("single_activity_frequency", Domain::INTEGER, "How often a trace has an activity alone."),
    ],
    command_line: &[],
};

pub(super) static REPEAT: Table = Table { backend: "repeat", reader: "the repeat back-end", ..NONE };

pub(super) static SQUARE: Table = Table { backend: "square", reader: "the square back-end", ..NONE };

const NONE: Table = Table { backend: "", reader: "", is_closed: true, parameters: &[], command_line: &[] };
