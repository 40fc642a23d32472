use crate::diagnostic::Findings;
use crate::model::{Backend, Completion, Model};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::{DataType, ModelInput, ModelWarmup, WarmupInput};
use crate::schema::{Release, Repeated, Spanned, nearest};

use super::incomplete_warmup_input::samples_in_use;

pub(super) static RULE: Rule = Rule {
    name: "mismatched-warmup-input",
    category: Category::Serving,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("mismatched_warmup_input.md"),
    check,
};

/// A sample is made into a request, which the server looks at like at any other
/// (`InferenceRequest::PrepareForInference`). Inputs that the model does not have it leaves out.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let config = model.config();
    // An ensemble may have no samples at all; what other back-ends do to the inputs is not known.
    if matches!(model.resolution().backend(), None | Some(Backend::Ensemble))
        || model.completion() == Completion::Unknown
        || !config.input.is_intact()
    {
        return;
    }
    for sample in samples_in_use(config).filter(|sample| sample.inputs.is_intact()) {
        for input in config.input.iter() {
            if !findings.has_room() {
                return;
            }
            check_input(model, input, sample, findings);
        }
    }
}

fn check_input(
    model: Model<'_>,
    input: &Spanned<ModelInput>,
    sample: &Spanned<ModelWarmup>,
    findings: &mut Findings<'_>,
) {
    let Some(name) = input.name.text().filter(|name| !name.is_empty()) else { return };
    let Some(entry) = sample.inputs.get(name) else {
        if input.optional.get() == Some(false) {
            report_missing(model, name, sample, findings);
        }
        return;
    };
    let Some(given) = entry.value.written() else { return };
    check_type(name, input, given, findings);
    check_dims(name, input, given, findings);
    if input.data_type.get() == Some(DataType::String) {
        check_strings(model, name, given, findings);
    }
}

fn report_missing(model: Model<'_>, name: &str, sample: &Spanned<ModelWarmup>, findings: &mut Findings<'_>) {
    let span = sample.name.written().map_or(sample.span, |written| written.span);
    let is_input = |key: &str| model.config().input.iter().any(|input| input.name.text() == Some(key));
    let others = sample.inputs.in_force().filter_map(|entry| entry.key.text()).filter(|key| !is_input(key));
    findings
        .add(span, format!("the warm-up sample lacks the input `{name}`"))
        .note("a sample is a request, which has to have every input of the model that is not optional")
        .help(match nearest(name, others) {
            Some(other) => format!("write `{name}` in place of `{other}`, which the model does not have"),
            None => format!("add `inputs {{ key: \"{name}\" value {{ … }} }}`"),
        });
}

fn check_type(name: &str, input: &ModelInput, given: &Spanned<WarmupInput>, findings: &mut Findings<'_>) {
    let (Some(wanted), Some(is)) = (input.data_type.get(), given.data_type.get()) else { return };
    // What is left out in the input is filled in, or refused for that.
    if wanted == DataType::Invalid {
        return;
    }
    let message = match (given.data_type.written(), is) {
        // Its size is -1, which no contents have (`InferenceRequest::ValidateRequestInputs`).
        (_, DataType::Unknown(number)) if wanted == is && is_plain(input) => {
            format!("the warm-up input `{name}` is of the type {number}, of which the server does not know the size")
        }
        _ if wanted == is => return,
        (Some(_), _) => format!("the warm-up input `{name}` is {is}, but the model takes {wanted}"),
        (None, _) => format!("the warm-up input `{name}` has no data_type, but the model takes {wanted}"),
    };
    let written = given.data_type.written();
    let mut finding = findings
        .add(written.map_or(given.span, |written| written.span), message)
        .note("a sample is a request, and the server refuses one with another type");
    if let Some(written) = input.data_type.written() {
        finding = finding.label(written.span, "the type of the input");
    }
    finding.help(match wanted {
        DataType::Unknown(_) => "write the type of the model's tensor in both places".to_owned(),
        known => format!("write {known}"),
    });
}

fn check_dims(name: &str, input: &ModelInput, given: &Spanned<WarmupInput>, findings: &mut Findings<'_>) {
    if !is_plain(input) || input.dims.is_empty() || !input.dims.is_intact() || !given.dims.is_intact() {
        return;
    }
    let (wanted, is) = (&input.dims, &given.dims);
    let fits = |wanted: i64, is: i64| is == -1 || (is >= 0 && (wanted == -1 || wanted == is));
    if wanted.len() == is.len() && wanted.iter().zip(is.iter()).all(|(wanted, is)| fits(wanted.value, is.value)) {
        return;
    }
    findings
        .add(
            is.first().map_or(given.span, |dim| dim.span),
            format!("the warm-up input `{name}` has the dims {}, but the model takes {}", listed(is), listed(wanted)),
        )
        .note(
            "a sample is a request, and the server refuses one of another shape; neither has the batch dimension in it",
        )
        .help("write the dims of the input, with a size in place of each -1");
}

/// The first release that counts the strings of a request (`InferenceRequest::ValidateBytesInputs`).
const STRINGS_COUNTED_SINCE: Release = Release::constant("24.06");

fn check_strings(model: Model<'_>, name: &str, given: &WarmupInput, findings: &mut Findings<'_>) {
    if model.server().version.is_some_and(|version| version < STRINGS_COUNTED_SINCE) {
        return;
    }
    let (Some(DataType::String), Some(file)) = (given.data_type.get(), given.input_data_file.written()) else { return };
    if given.dims.is_empty() || !given.dims.is_intact() {
        return;
    }
    let size = given.dims.iter().try_fold(1, |size: u64, dim| size.checked_mul(u64::try_from(dim.value).ok()?));
    let (Some(wanted), Some(strings)) = (size, model.strings_in("warmup", &file.value)) else { return };
    let file_name = format!("warmup/{}", file.value);
    let message = match strings.count {
        count if count == wanted && strings.rest == 0 => return,
        count if count <= wanted && strings.rest > 0 => {
            format!("`{file_name}` ends within the length of a string, after {count} of {wanted}")
        }
        count => format!("`{file_name}` holds {count} strings, but the warm-up input `{name}` has {wanted} elements"),
    };
    findings
        .add(file.span, message)
        .note("before each string comes its length, as four bytes in little-endian order, also if there is only one")
        .help("correct the file or the dims");
}

/// Not one of those whose shape and size the server takes in another way.
fn is_plain(input: &ModelInput) -> bool {
    input.is_shape_tensor.get() == Some(false) && input.is_non_linear_format_io.get() == Some(false)
}

fn listed(dims: &Repeated<i64>) -> String {
    let dims: Vec<_> = dims.iter().map(|dim| dim.value).collect();
    format!("{dims:?}")
}
