//! Findings: what is wrong, where, why, and what to do.

use std::path::{Path, PathBuf};

use crate::edit::{loses_comment, separated};
use crate::model::{FileId, Model};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::settings::RuleOptions;
use crate::syntax::{Span, Tree};

/// More further places than this help nobody, and are left out.
const MOST_LABELS: usize = 10;

/// One finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad it is.
    pub level: Level,
    /// How bad the rule takes it to be: its level, were all that is deployed known to be here, and whatever is set.
    pub rule_level: Level,
    /// When the server refuses what is wrong, if it does.
    pub stage: Stage,
    /// Where it is.
    pub place: Place,
    /// What is wrong, with the values at hand.
    pub message: String,
    /// What the marked bytes are, in a few words.
    pub caption: Option<String>,
    /// Further places that belong to it.
    pub labels: Vec<Label>,
    /// Why it is wrong.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// The edit that does it.
    pub fix: Option<Fix>,
}

/// When the server comes upon something that it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It loads the model, which fails.
    Load,
    /// The model is loaded, and requests to it fail.
    Request,
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a text file.
    Text {
        /// The file.
        file: FileId,
        /// The bytes.
        span: Span,
    },
    /// A folder, or a file that is not text.
    Entry(PathBuf),
    /// In a file of code, of which the lines are known and not the text.
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

/// A further place with what it has to do with the finding.
#[derive(Clone, Debug)]
pub struct Label {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
    /// What they are.
    pub message: String,
}

/// What does away with a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What it does, as an instruction: "rename `foo` to `bar`".
    pub title: String,
    /// Whether it needs a second look.
    pub applicability: Applicability,
    /// What it changes.
    pub change: Change,
}

/// What a fix changes.
#[derive(Clone, Debug)]
pub enum Change {
    /// One text, by edits that belong together and do not overlap.
    Text(Vec<Edit>),
    /// Which files there are.
    Files(FileChange),
}

impl Fix {
    /// The edits of one text that do away with a finding of a rule.
    ///
    /// Where a replacement would run together with what stands beside it, it gets a space. Where a comment would be
    /// lost that the rule is not about, there is no fix: only its author knows where it belongs then.
    #[must_use]
    pub fn of_text(
        rule: &Rule,
        (file, tree): (FileId, &Tree),
        applicability: Applicability,
        title: String,
        edits: Vec<(Span, String)>,
    ) -> Option<Self> {
        let edits = separated(tree, edits);
        let is_about_comments = matches!(rule.category, Category::Syntax | Category::Suppression);
        if !is_about_comments && loses_comment(tree, &edits) {
            return None;
        }
        let edits = edits.into_iter().map(|(span, text)| Edit { file, span, text }).collect();
        Some(Self { title, applicability, change: Change::Text(edits) })
    }

    /// The edits of one text; none where files are changed as such.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        match &self.change {
            Change::Text(edits) => edits,
            Change::Files(_) => &[],
        }
    }

    /// The change of the files themselves.
    #[must_use]
    pub fn file_change(&self) -> Option<&FileChange> {
        match &self.change {
            Change::Text(_) => None,
            Change::Files(change) => Some(change),
        }
    }
}

/// A change of which files there are. It never overwrites one, and never deletes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileChange {
    /// Gives a file or folder of a model another path in that model's folder.
    Rename {
        /// The path that it has.
        from: PathBuf,
        /// The path that it gets, where nothing is yet.
        to: PathBuf,
    },
    /// Makes an empty file, and the folders that it is in.
    Create(PathBuf),
}

impl FileChange {
    /// The path that is there afterwards.
    #[must_use]
    pub fn result(&self) -> &Path {
        match self {
            Self::Rename { to, .. } => to,
            Self::Create(path) => path,
        }
    }
}

/// Bytes to put in the place of others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The file.
    pub file: FileId,
    /// The bytes to replace.
    pub span: Span,
    /// What to put there.
    pub text: String,
}

/// Collects what one rule finds in one model.
pub struct Findings<'f> {
    rule: &'static Rule,
    /// The level that the user set, if any.
    level: Option<Level>,
    model: Model<'f>,
    collected: &'f mut Collected,
    /// How many findings other rules made before.
    earlier: usize,
    /// The names in comments that silenced nothing, sorted.
    unused: &'f [Span],
    options: &'f RuleOptions,
}

/// Of more findings in one config than this the least bad and last ones are left out.
pub(crate) const MOST_FINDINGS: usize = 500;

/// What rules find in one model.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many findings were dropped at once, because their rule had enough of those that are as bad.
    pub(crate) left_out: usize,
}

impl Collected {
    /// Whether the rule whose findings begin at `first` has one more than are told.
    fn is_full(&self, first: usize) -> bool {
        self.diagnostics.len() - first > MOST_FINDINGS
    }

    /// Adds a finding of the rule whose findings begin at `first`, and returns where it is. A rule may find something
    /// in every pair of things that a config names, so that of too many one is dropped before the next.
    fn add(&mut self, first: usize, found: Diagnostic) -> usize {
        if self.is_full(first)
            && let Some(last) = self.diagnostics.pop()
        {
            self.left_out += 1;
            let kept = &mut self.diagnostics[first..];
            let milder = kept.iter().rposition(|kept| kept.level < last.level).map(|at| &mut kept[at]);
            if let Some(milder) = milder {
                *milder = last;
            }
        }
        self.diagnostics.push(found);
        self.diagnostics.len() - 1
    }
}

impl<'f> Findings<'f> {
    pub(crate) fn new(
        rule: &'static Rule,
        level: Option<Level>,
        model: Model<'f>,
        collected: &'f mut Collected,
        unused: &'f [Span],
        options: &'f RuleOptions,
    ) -> Self {
        let earlier = collected.diagnostics.len();
        Self { rule, level, model, collected, earlier, unused, options }
    }

    /// What is set of the rules for this model, besides their levels.
    #[must_use]
    pub fn options(&self) -> &'f RuleOptions {
        self.options
    }

    /// Whether another finding of the rule counts: one more than are told says that some are left out. A rule whose
    /// findings cost something asks.
    #[must_use]
    pub fn has_room(&self) -> bool {
        !self.collected.is_full(self.earlier)
    }

    /// Whether a name in a comment that silences rules had nothing to silence.
    #[must_use]
    pub fn silenced_nothing(&self, name: Span) -> bool {
        self.unused.binary_search(&name).is_ok()
    }

    /// Reports something at bytes of the config file; of the folder, if the model has no config.
    pub fn add(&mut self, span: Span, message: impl Into<String>) -> Finding<'_> {
        let place = match self.model.file() {
            Some(file) => Place::Text { file, span },
            None => Place::Entry(self.model.directory().path.clone()),
        };
        self.add_at(place, message)
    }

    /// Reports something about the model's folder.
    pub fn add_folder(&mut self, message: impl Into<String>) -> Finding<'_> {
        self.add_at(Place::Entry(self.model.directory().path.clone()), message)
    }

    /// Reports something about a file or folder in the model's folder, by its path in there.
    pub fn add_entry(&mut self, path: &str, message: impl Into<String>) -> Finding<'_> {
        self.add_at(Place::Entry(self.model.directory().path.join(path)), message)
    }

    /// Reports something in a line, from 1, of a file in the model's folder, by its path in there.
    pub fn add_line(&mut self, path: &str, line: usize, message: impl Into<String>) -> Finding<'_> {
        self.add_at(Place::Line { path: self.model.directory().path.join(path), line }, message)
    }

    fn add_at(&mut self, place: Place, message: impl Into<String>) -> Finding<'_> {
        let file = self.model.file();
        let found = Diagnostic {
            rule: self.rule,
            level: self.level.unwrap_or(self.rule.level),
            rule_level: self.rule.level,
            stage: Stage::Load,
            place,
            message: bounded(message),
            caption: None,
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        };
        let at = self.collected.add(self.earlier, found);
        // What a text says is worth changing only once it reads; until then its spans are guesses.
        let takes_fix = self.rule.category == Category::Syntax || self.model.tree().refusals() == 0;
        let tree = self.model.tree();
        let is_complete = self.model.repository().is_complete();
        let has_set_level = self.level.is_some();
        Finding { diagnostic: &mut self.collected.diagnostics[at], file, tree, has_set_level, takes_fix, is_complete }
    }
}

/// What a text begins with: whole characters, and at most so many bytes.
pub(crate) fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=text.len().min(most)).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or_default()]
}

/// A text for people. What it quotes of a file may be of any length.
fn bounded(text: impl Into<String>) -> String {
    const LONGEST: usize = 2000;
    let mut text = text.into();
    if text.len() > LONGEST {
        text.truncate(beginning(&text, LONGEST).len());
        text.push('…');
    }
    text
}

/// A finding that is being put into words. It is reported already; every method says more about it.
pub struct Finding<'d> {
    diagnostic: &'d mut Diagnostic,
    file: Option<FileId>,
    tree: &'d Tree,
    has_set_level: bool,
    takes_fix: bool,
    /// Whether the repository is all that is deployed.
    is_complete: bool,
}

#[expect(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "what is said is kept; the return value is for saying more"
)]
impl Finding<'_> {
    /// Another level than the rule's; one that the user set stays.
    pub fn level(self, level: Level) -> Self {
        self.diagnostic.rule_level = level;
        self.told_as(level)
    }

    /// Another level only because nobody knows what is deployed; one that the user set stays.
    pub fn told_as(self, level: Level) -> Self {
        if !self.has_set_level {
            self.diagnostic.level = level;
        }
        self
    }

    /// A warning only, unless the repository is all that is deployed: `what` is not here, and may come from
    /// elsewhere.
    pub fn unless_complete(self, what: &str) -> Self {
        if self.is_complete {
            return self;
        }
        self.told_as(Level::Warning).note(format!(
            "nothing says that all that is deployed is here, so {what} may come from elsewhere; with \
             `complete = \"yes\"` under `[repository]` in the settings this is an error"
        ))
    }

    /// The model loads, and requests fail: an ensemble of it loads, too.
    pub fn fails_requests(self) -> Self {
        self.diagnostic.stage = Stage::Request;
        self
    }

    /// What the marked bytes are, in a few words.
    pub fn caption(self, caption: impl Into<String>) -> Self {
        self.diagnostic.caption = Some(bounded(caption));
        self
    }

    /// A further place in the same file.
    pub fn label(self, span: Span, message: impl Into<String>) -> Self {
        if let Some(file) = self.file
            && self.diagnostic.labels.len() < MOST_LABELS
        {
            self.diagnostic.labels.push(Label { file, span, message: bounded(message) });
        }
        self
    }

    /// Why it is wrong.
    pub fn note(self, note: impl Into<String>) -> Self {
        self.diagnostic.notes.push(bounded(note));
        self
    }

    /// What to do.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.diagnostic.help = Some(bounded(help));
        self
    }

    /// The name that was meant, and the edit that writes it.
    pub fn did_you_mean(self, meant: &str, applicability: Applicability, edit: (Span, String)) -> Self {
        self.help(format!("did you mean `{meant}`?")).fix(applicability, format!("write `{meant}`"), [edit])
    }

    /// The edits of the same file that do it. In a text with syntax errors only those are offered fixes.
    /// There is none where [`Fix::of_text`] makes none.
    pub fn fix(
        self,
        applicability: Applicability,
        title: impl Into<String>,
        edits: impl IntoIterator<Item = (Span, String)>,
    ) -> Self {
        if let Some(file) = self.file.filter(|_| self.takes_fix) {
            let edits = edits.into_iter().collect();
            let fix = Fix::of_text(self.diagnostic.rule, (file, self.tree), applicability, bounded(title), edits);
            self.diagnostic.fix = fix;
        }
        self
    }

    /// The change of the model's files that does it.
    pub fn file_fix(self, applicability: Applicability, title: impl Into<String>, change: FileChange) -> Self {
        self.diagnostic.fix = Some(Fix { title: bounded(title), applicability, change: Change::Files(change) });
        self
    }
}
