//! A page of the documentation on a terminal: Markdown in, lines of a width out.

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use textwrap::{WordSeparator, WordSplitter};

const HEADING: Style = Style::new().bold();
const CODE: Style = AnsiColor::Cyan.on_default();
const LINK: Style = Style::new().underline();

/// Renders a page. Without colours headings keep their marks and code its quotes.
#[must_use]
pub fn page(markdown: &str, color: bool, width: usize) -> String {
    let mut page = Page { color, width, ..Page::default() };
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        page.take(event);
    }
    page.text
}

#[derive(Default)]
struct Page {
    color: bool,
    width: usize,
    /// The lines that are done.
    text: String,
    /// The paragraph, heading or cell that is being read.
    words: String,
    /// How many styles are in force for the words: one in another would end both.
    styles: usize,
    /// The numbers of the next items of the lists around; none for lists with bullets.
    lists: Vec<Option<u64>>,
    /// What stands before the first line of the item that is being read.
    marker: Option<String>,
    /// Whether an item of the list stands just above.
    follows_item: bool,
    /// Where the links around lead to.
    links: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.words.push_str(&text),
            Event::Code(code) => {
                let code = if self.color { code.into_string() } else { format!("`{code}`") };
                self.begin_style(CODE);
                self.words.push_str(&code);
                self.end_style(CODE);
            }
            Event::SoftBreak => self.words.push(' '),
            Event::HardBreak => self.words.push('\n'),
            Event::Rule => self.block(&"─".repeat(self.width)),
            // Of extensions that are not switched on.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                if !self.color {
                    self.words.push_str(&"#".repeat(level as usize));
                    self.words.push(' ');
                }
                self.begin_style(HEADING);
            }
            Tag::Strong => self.begin_style(HEADING),
            Tag::Emphasis => self.begin_style(LINK),
            Tag::Link { dest_url, .. } => {
                self.begin_style(LINK);
                self.links.push(dest_url.into_string());
            }
            Tag::CodeBlock(_) => self.end_item_line(),
            Tag::List(first) => {
                self.end_item_line();
                self.follows_item &= !self.lists.is_empty();
                self.lists.push(first);
            }
            Tag::Item => {
                self.marker = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "• ".to_owned(),
                });
            }
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.end_style(HEADING);
                self.paragraph();
            }
            TagEnd::Paragraph => self.paragraph(),
            TagEnd::Strong => self.end_style(HEADING),
            TagEnd::Emphasis => self.end_style(LINK),
            TagEnd::Link => {
                self.end_style(LINK);
                // What leads to another page is no address that one could open.
                if let Some(address) = self.links.pop().filter(|address| address.contains("://")) {
                    self.words.extend([" (", &address, ")"]);
                }
            }
            TagEnd::CodeBlock => {
                let code = std::mem::take(&mut self.words);
                let indent = " ".repeat(self.indent() + 4);
                let lines: Vec<_> = code.lines().map(|line| format!("{indent}{line}")).collect();
                self.block(&lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n"));
            }
            TagEnd::Item => {
                self.end_item_line();
                self.marker = None;
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.words);
                if let Some(row) = self.rows.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.table(),
            _ => {}
        }
    }

    /// Tables are drawn without styles: their cells are measured.
    fn begin_style(&mut self, style: Style) {
        if self.color && self.styles == 0 && self.rows.is_empty() {
            self.words.push_str(&style.to_string());
        }
        self.styles += 1;
    }

    fn end_style(&mut self, style: Style) {
        self.styles -= 1;
        if self.color && self.styles == 0 && self.rows.is_empty() {
            self.words.push_str(&style.render_reset().to_string());
        }
    }

    fn indent(&self) -> usize {
        2 * self.lists.len()
    }

    /// What an item without paragraphs says.
    fn end_item_line(&mut self) {
        if !self.words.is_empty() {
            self.paragraph();
        }
    }

    fn paragraph(&mut self) {
        let words = std::mem::take(&mut self.words);
        let indent = " ".repeat(self.indent());
        let is_item = self.marker.is_some();
        let outer = self.indent().saturating_sub(2);
        let first = self.marker.take().map_or_else(|| indent.clone(), |marker| " ".repeat(outer) + &marker);
        let options = textwrap::Options::new(self.width)
            .initial_indent(&first)
            .subsequent_indent(&indent)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .break_words(false);
        let lines = textwrap::wrap(&words, options).join("\n");
        // Items follow one another closely.
        if is_item && self.follows_item {
            self.text.push_str(&lines);
            self.text.push('\n');
        } else {
            self.block(&lines);
        }
        self.follows_item = is_item;
    }

    fn table(&mut self) {
        let mut rows = std::mem::take(&mut self.rows).into_iter();
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.width).unwrap_or(u16::MAX));
        if let Some(head) = rows.next() {
            table.set_header(head);
        }
        table.add_rows(rows);
        self.block(&table.trim_fmt());
    }

    /// Lines that an empty one parts from those above.
    fn block(&mut self, lines: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(lines);
        self.text.push('\n');
        self.follows_item = false;
    }
}

#[cfg(test)]
mod tests {
    use super::page;

    const MARKDOWN: &str = "# A `rule`\n\nSome *words* on what it is,\nsee [there](https://example.com/a) and \
                            [here](../b.md).\n\n- `one` is short\n- two is too long for a single line\n  1. three\n\
                            \n```pbtxt\nname: \"x\"\n\n  y { }\n```\n\n| a | `b` |\n|---|---|\n| 1 | 2 |\n";

    #[test]
    fn a_page_fits_the_terminal() {
        let expected = "# A `rule`\n\nSome words on what it is, see\nthere (https://example.com/a)\nand here.\n\n\
                        • `one` is short\n• two is too long for a single\n  line\n  1. three\n\n    name: \"x\"\n\n      \
                        y { }\n\n";
        let text = page(MARKDOWN, false, 30);
        let (before, table) = text.split_at(text.find('─').unwrap_or_default());
        assert_eq!(before, expected);
        assert!(table.contains(" a   `b`") && table.contains(" 1   2"), "{table}");
    }

    #[test]
    fn colours_end_where_they_should() {
        let text = page(MARKDOWN, true, 80);
        assert!(text.starts_with("\u{1B}[1mA rule\u{1B}[0m\n\n"), "{text:?}");
        assert!(text.contains("• \u{1B}[36mone\u{1B}[0m is short\n"), "{text:?}");
        assert!(text.contains("\u{1B}[4mthere\u{1B}[0m (https://example.com/a)"), "{text:?}");
    }
}
