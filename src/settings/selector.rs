//! Naming rules: one, those of a category, or all.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use super::LevelSetting;
use crate::rule::{Category, Rule};
use crate::schema::nearest;

/// Names one rule or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    name: String,
    breadth: Breadth,
}

/// How many rules a name stands for, the most first: where two names say different things of a rule,
/// the narrower one is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Breadth {
    All,
    Category(Category),
    Rule,
}

/// The name of every rule together.
const ALL: &str = "all";

/// A name that is none of a rule or category.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule or category `{name}`{}", hint(.suggestion.as_deref()))]
pub struct UnknownSelector {
    /// What was written.
    pub name: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(|| "; `tritonlint rules` lists them".into(), |name| format!("; did you mean `{name}`?"))
}

/// What the command line says of some rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LevelChange {
    /// They get that level.
    Set(LevelSetting, Selector),
    /// Only those that are selected run.
    Select(Selector),
}

impl Selector {
    /// Every name that there is, the broadest first.
    #[must_use]
    pub fn names() -> Vec<String> {
        let rules = crate::rules::all();
        let mut categories: Vec<String> = rules.iter().map(|rule| rule.category.to_string()).collect();
        categories.dedup();
        let rules = rules.iter().map(|rule| rule.name.to_owned());
        std::iter::once(ALL.to_owned()).chain(categories).chain(rules).collect()
    }

    /// What a name stands for; none if there is no rule or category of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        /// A comment may have very many names.
        static BREADTHS: LazyLock<HashMap<String, Breadth>> = LazyLock::new(|| {
            let rules = crate::rules::all();
            let categories = rules.iter().map(|rule| (rule.category.to_string(), Breadth::Category(rule.category)));
            let names = rules.iter().map(|rule| (rule.name.to_owned(), Breadth::Rule));
            categories.chain(names).chain([(ALL.to_owned(), Breadth::All)]).collect()
        });
        Some(Self { name: name.to_owned(), breadth: *BREADTHS.get(name)? })
    }

    /// The rules that it names.
    #[must_use]
    pub fn rules(&self) -> Vec<&'static Rule> {
        crate::rules::all().into_iter().filter(|rule| self.names_rule(rule)).collect()
    }

    /// Whether it names that rule.
    #[must_use]
    pub fn names_rule(&self, rule: &Rule) -> bool {
        match self.breadth {
            Breadth::All => true,
            Breadth::Category(category) => rule.category == category,
            Breadth::Rule => rule.name == self.name,
        }
    }

    /// Sorts names so that of two that name the same rule the narrower one comes last.
    #[must_use]
    pub(super) fn breadth(&self) -> impl Ord + use<> {
        self.breadth
    }
}

impl FromStr for Selector {
    type Err = UnknownSelector;

    fn from_str(name: &str) -> Result<Self, UnknownSelector> {
        Self::of(name).ok_or_else(|| {
            let names = Self::names();
            let suggestion = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
            UnknownSelector { name: name.to_owned(), suggestion }
        })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::Selector;

    #[test]
    fn a_name_is_found_or_a_near_one_is_told() {
        let parsed = |name: &str| name.parse::<Selector>();
        assert_eq!(parsed("unknown-field").expect("a rule").rules().len(), 1);
        assert!(parsed("schema").expect("a category").rules().len() > 5);
        assert_eq!(parsed("all").expect("all").rules().len(), crate::rules::all().len());
        let error = parsed("unknwon-field").expect_err("none").to_string();
        assert_eq!(error, "there is no rule or category `unknwon-field`; did you mean `unknown-field`?");
    }
}
