use crate::diagnostic::Findings;
use crate::edit::removal;
use crate::model::Model;
use crate::rule::{Applicability, Category, Level, Rule};
use crate::syntax::Field;

pub(super) static RULE: Rule = Rule {
    name: "empty-repository-agents",
    category: Category::Serving,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("empty_repository_agents.md"),
    check,
};

/// `CreateAgentModelListWithLoadAction` of `model_repository_manager.cc` asks the last agent for the model,
/// also where there is none.
fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(agents) = model.config().model_repository_agents.written() else { return };
    if !agents.agents.is_empty() || !agents.agents.is_intact() {
        return;
    }
    let tree = model.tree();
    let field = tree.field_of(agents.node);
    let finding = findings
        .add(field.map_or(agents.span, Field::name_span), "`model_repository_agents` has no agents")
        .note("the server asks the last of the agents for the model, and crashes where there is none");
    match field.and_then(|_| removal(tree, agents.node)) {
        Some(span) => finding.fix(Applicability::Safe, "delete it", [(span, String::new())]),
        None => finding.help("delete it, or name agents in `agents`"),
    };
}
