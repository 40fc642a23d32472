//! Reads the pages of the rules. CONTRIBUTING.md says what a page holds.

use std::collections::BTreeSet;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use tritonlint::rule::Level;
use tritonlint::schema::Release;
use tritonlint::settings::Settings;

/// The folder of the model whose config a page shows.
pub(crate) const MODEL: &str = "my_model";

/// What the further files of a page hold, over and over: no model, but as large as a small one.
const PLACEHOLDER: &str = "placeholder\n";

/// A config of a page with what belongs to it.
#[derive(Default)]
pub(crate) struct Case {
    /// None if the folder is here without a config.
    pub(crate) config: Option<String>,
    /// The name of its file, if that is not the right one.
    pub(crate) name: Option<String>,
    /// The files of the model once it is fixed.
    pub(crate) fixed_layout: Option<BTreeSet<String>>,
    /// The config's line on the page, to find it again.
    pub(crate) line: usize,
    pub(crate) expected: BTreeSet<(usize, Level)>,
    pub(crate) fixed: Option<String>,
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// Links in the folder of the model that lead nowhere.
    pub(crate) links: Vec<String>,
    pub(crate) settings: Settings,
}

/// The configs of a page. Other blocks belong to the config that follows them, except for the fixed
/// text, which belongs to the one before.
pub(crate) fn cases_of(page: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut next = Case::default();
    for (info, text, line) in blocks_of(page) {
        match info.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["pbtxt"] => {
                let (config, expected) = without_marks(&text);
                next.expected.extend(expected);
                cases.push(Case { config: Some(config), line, ..std::mem::take(&mut next) });
            }
            ["pbtxt", "as", name] => {
                let (config, expected) = without_marks(&text);
                next.expected.extend(expected);
                let name = Some((*name).to_owned());
                cases.push(Case { config: Some(config), name, line, ..std::mem::take(&mut next) });
            }
            ["layout", "fixed"] => match cases.last_mut() {
                Some(case) => case.fixed_layout = Some(text.lines().map(str::to_owned).collect()),
                None => return Err(format!("line {line}: a fixed layout without its case")),
            },
            ["pbtxt", "fixed"] => match cases.last_mut() {
                Some(case) if case.fixed.is_none() => case.fixed = Some(text),
                _ => return Err(format!("line {line}: a fixed block without its case")),
            },
            ["layout"] => {
                let (paths, marks) = without_marks(&text);
                next.expected.extend(marks.into_iter().map(|(_, level)| (0, level)));
                add_layout(&mut next, &paths);
            }
            ["layout", verdict] => {
                let level = match *verdict {
                    "error" => Some(Level::Error),
                    "warning" => Some(Level::Warning),
                    "clean" => None,
                    other => return Err(format!("line {line}: a layout cannot be {other:?}")),
                };
                add_layout(&mut next, &text);
                next.expected.extend(level.map(|level| (0, level)));
                cases.push(Case { line, ..std::mem::take(&mut next) });
            }
            ["toml"] => next.settings = Settings::from_toml(&text).map_err(|error| format!("line {line}: {error}"))?,
            ["console"] => {}
            ["text", ..] => {
                speaker_of(&info).map_err(|fault| format!("line {line}: {fault}"))?;
            }
            [_, path] => next.files.push(((*path).to_owned(), text.into_bytes())),
            [_, path, level] => {
                let level = match *level {
                    "error" => Level::Error,
                    "warning" => Level::Warning,
                    other => return Err(format!("line {line}: a file cannot be {other:?}")),
                };
                next.expected.insert((0, level));
                next.files.push(((*path).to_owned(), text.into_bytes()));
            }
            other => return Err(format!("line {line}: a block of an unknown kind: {other:?}")),
        }
    }
    Ok(cases)
}

/// Adds files, and links as `ls -l` shows them. A file has the contents of a test model where one is named.
fn add_layout(case: &mut Case, text: &str) {
    for line in text.lines() {
        if let Some((link, _)) = line.split_once(" -> ") {
            case.links.extend(link.strip_prefix(MODEL).map(|link| link[1..].to_owned()));
        } else if let Some((path, model)) = line.split_once(" <- ") {
            let model = super::project().join("testdata/artifacts").join(model);
            let bytes = std::fs::read(&model).unwrap_or_else(|error| panic!("{}: {error}", model.display()));
            case.files.push((path.to_owned(), bytes));
        } else {
            case.files.push((line.to_owned(), PLACEHOLDER.repeat(1024).into_bytes()));
        }
    }
    // A folder may be listed beside what is in it, to say what is expected of it.
    let paths: Vec<_> = case.files.iter().map(|(path, _)| path.clone()).collect();
    case.files.retain(|(path, _)| !paths.iter().any(|inside| inside.starts_with(&format!("{path}/"))));
}

/// Who says what a `text` block quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// The server itself, when it reads or loads the model.
    Core,
    /// The server, from that release on.
    CoreSince(Release),
    /// A back-end.
    BackEnd,
    /// The server or a back-end, when a request arrives.
    Request,
}

/// What the server says of the model that a page shows, with who says it.
pub(crate) fn quotes_of(page: &str) -> Vec<(Speaker, String)> {
    let heading = "\n## What the server says\n";
    let Some((_, section)) = page.split_once(heading) else { return Vec::new() };
    let section = section.split("\n## ").next().unwrap_or_default();
    let blocks = blocks_of(section).into_iter().filter_map(|(info, text, _)| Some((speaker_of(&info).ok()?, text)));
    blocks.flat_map(|(speaker, text)| text.lines().map(|line| (speaker, line.to_owned())).collect::<Vec<_>>()).collect()
}

fn speaker_of(info: &str) -> Result<Speaker, String> {
    match info.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["text"] => Ok(Speaker::Core),
        ["text", "backend"] => Ok(Speaker::BackEnd),
        ["text", "request"] => Ok(Speaker::Request),
        ["text", "since", release] => Ok(Speaker::CoreSince(release.parse()?)),
        other => Err(format!("a block of an unknown kind: {other:?}")),
    }
}

fn blocks_of(page: &str) -> Vec<(String, String, usize)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String, usize)> = None;
    for (event, range) in Parser::new(page).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let line = page[..range.start].lines().count() + 1;
                open = Some((info.to_string(), String::new(), line));
            }
            Event::Text(text) => {
                if let Some((_, block, _)) = &mut open {
                    block.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

/// Takes the marks off the ends of lines: what is linted is the text without them.
fn without_marks(text: &str) -> (String, BTreeSet<(usize, Level)>) {
    let mut expected = BTreeSet::new();
    let mut config = String::new();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let body = line.trim_end_matches('\n');
        let marks = [("# error", Level::Error), ("# warning", Level::Warning), ("# info", Level::Info)];
        let marked = marks.iter().find_map(|(mark, level)| Some((body.strip_suffix(mark)?, *level)));
        match marked {
            Some((body, level)) => {
                expected.insert((number, level));
                config.push_str(body.trim_end_matches(' '));
                config.push_str(&line[line.trim_end_matches('\n').len()..]);
            }
            None => config.push_str(line),
        }
    }
    (config, expected)
}
