use crate::diagnostic::Findings;
use crate::model::{Backend, Model, PyTorchRuntime};
use crate::rule::{Category, Level, Rule};
use crate::schema::vocabulary::ModelConfig;
use crate::schema::{EnumDescriptor, FieldDescriptor, Release, Visitor, walk};
use crate::syntax::{Field, Scalar, Span};

pub(super) static RULE: Rule = Rule {
    name: "field-of-newer-release",
    category: Category::Schema,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("field_of_newer_release.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(server) = model.server().version else { return };
    walk(model.tree().document(), ModelConfig::DESCRIPTOR, &mut Newer { server, findings });
    // Platforms are no names of the schema; the core compares them in `model_config_utils.cc`.
    // Those of most back-ends it leaves alone.
    let is_compared = model.config().backend.text().is_some_and(|backend| matches!(backend, "" | "pytorch"));
    let platform = model.config().platform.written().filter(|platform| platform.value == "torch_aoti");
    if let Some(platform) = platform.filter(|_| server < AOTI_SINCE && is_compared) {
        findings
            .add(platform.span, format!("the server is {server}, and `torch_aoti` is there from {AOTI_SINCE} on"))
            .note("an older server does not know the platform and refuses the model; the settings say how old it is")
            .help("update the server, or give it the model as TorchScript");
    }
    // Without a word of the config the file alone tells, and an older server does not know its name.
    let is_aoti = model.resolution().backend() == Some(&Backend::PyTorch(PyTorchRuntime::Aoti));
    if model.is_told_by_files() && is_aoti && server < AOTI_SINCE {
        findings
            .add(Span::empty(0), format!("the server is {server}, and looks for `model.pt2` from {AOTI_SINCE} on only"))
            .note("an older server finds no model file that it knows, and refuses the model; the settings say how old it is")
            .help("update the server, or give it the model as TorchScript");
    }
}

/// The first release whose PyTorch back-end runs what `AOTInductor` compiled.
const AOTI_SINCE: Release = Release::constant("26.03");

struct Newer<'w, 'f> {
    server: Release,
    findings: &'w mut Findings<'f>,
}

impl Visitor for Newer<'_, '_> {
    fn field(&mut self, field: Field<'_>, known: &'static FieldDescriptor) -> bool {
        let since = known.since.filter(|since| *since > self.server);
        if let Some(since) = since {
            self.report(field.name_span(), &format!("the field `{}`", known.name), since);
        }
        since.is_none()
    }

    fn enum_value(&mut self, value: Scalar<'_>, known: &'static EnumDescriptor) {
        let name = value.text();
        let known = known.values.iter().find(|known| known.name == name);
        if let Some(since) = known.and_then(|known| known.since).filter(|since| *since > self.server) {
            self.report(value.span(), &format!("the value `{name}`"), since);
        }
    }
}

impl Newer<'_, '_> {
    fn report(&mut self, span: Span, what: &str, since: Release) {
        self.findings
            .add(span, format!("the server is {}, and {what} is there from {since} on", self.server))
            .note("an older server takes it for a mistake and does not read the config; the settings say how old it is")
            .help("leave it out, or update the server");
    }
}
