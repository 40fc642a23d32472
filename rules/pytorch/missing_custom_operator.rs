use std::collections::BTreeMap;

use super::forward::scripts;
use crate::artifact::torchscript::Custom;
use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "missing-custom-operator",
    category: Category::Pytorch,
    level: Level::Warning,
    fix: None,
    page: include_str!("missing_custom_operator.md"),
    check,
};

/// What the back-end is linked with besides libtorch (`pytorch_backend` `CMakeLists.txt`).
const BROUGHT_ALONG: [&str; 2] = ["tensorrt", "torchvision"];

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    for (file, script) in scripts(model) {
        let mut by_namespace: BTreeMap<&str, Vec<&Custom>> = BTreeMap::new();
        let preloaded = &findings.options().missing_custom_operator.preloaded;
        let is_there =
            |namespace: &String| BROUGHT_ALONG.contains(&namespace.as_str()) || preloaded.contains(namespace);
        for custom in script.custom.iter().filter(|custom| !is_there(&custom.namespace)) {
            by_namespace.entry(&custom.namespace).or_default().push(custom);
        }
        for (namespace, customs) in by_namespace {
            let place = customs.iter().find_map(|custom| custom.place.as_ref());
            let finding = findings
                .add_entry(&file.path, format!("the model needs {}, which libtorch does not have", listed(&customs)))
                .note("a library has to register it in the server's process before the model loads, else it does not load");
            let finding = match place {
                Some(place) => finding.note(format!("used in {place}")),
                None => finding,
            };
            finding.help(format!(
                "start the server with the library of `{namespace}` in LD_PRELOAD, built for the server's libtorch, or \
                 export the model without it"
            ));
        }
    }
}

/// "the operators `acme::twice` and `acme::thrice`", and how many there are besides.
fn listed(customs: &[&Custom]) -> String {
    const MOST: usize = 3;
    let kind = match (customs.iter().all(|custom| custom.is_class), customs.len()) {
        (true, 1) => "the class",
        (true, _) => "the classes",
        (false, 1) => "the operator",
        (false, _) => "the operators",
    };
    let names: Vec<_> =
        customs.iter().take(MOST).map(|custom| format!("`{}::{}`", custom.namespace, custom.name)).collect();
    match customs.len() - names.len() {
        0 => format!("{kind} {}", names.join(", ")),
        more => format!("{kind} {} and {more} more", names.join(", ")),
    }
}
