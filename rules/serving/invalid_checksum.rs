use crate::diagnostic::Findings;
use crate::model::Model;
use crate::rule::{Category, Level, Rule};
use crate::schema::MapEntry;

pub(super) static RULE: Rule = Rule {
    name: "invalid-checksum",
    category: Category::Serving,
    backends: &[],
    level: Level::Error,
    fix: None,
    page: include_str!("invalid_checksum.md"),
    check,
};

/// The agent asks in `ParseAlgorithmAndFile` and `TRITONREPOAGENT_ModelAction` of the repository
/// `checksum_repository_agent`, `src/checksum.cc`.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(agents) = model.config().model_repository_agents.written() else { return };
    for agent in agents.agents.iter().filter(|agent| agent.name.text() == Some("checksum")) {
        for entry in agent.parameters.in_force() {
            check_key(entry, findings);
            check_value(entry, findings);
        }
    }
}

fn check_key(entry: &MapEntry<String, String>, findings: &mut Findings<'_>) {
    let Some(key) = entry.key.text() else { return };
    let span = entry.key.written().map_or(entry.span, |key| key.span);
    let message = match key.split_once(':') {
        None => format!("the key `{key}` names no algorithm"),
        Some((algorithm, _)) if !algorithm.eq_ignore_ascii_case("md5") => {
            format!("the checksum agent does not know the algorithm `{algorithm}`")
        }
        Some(_) => return,
    };
    findings
        .add(span, message)
        .note("the agent wants an algorithm, a colon and a file, and has no other algorithm than MD5")
        .help("write `MD5:` and the path of the file in the model's folder, such as `MD5:1/model.onnx`");
}

fn check_value(entry: &MapEntry<String, String>, findings: &mut Findings<'_>) {
    const DIGITS: usize = 32;
    let Some(value) = entry.value.written() else { return };
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if value.len() == DIGITS && value.bytes().all(is_digit) {
        return;
    }
    findings
        .add(value.span, format!("`{}` is no MD5 checksum", value.value))
        .note("the agent compares it with the checksum of the file, which it writes in lower case")
        .help("write the 32 hexadecimal digits that `md5sum` prints for the file");
}
