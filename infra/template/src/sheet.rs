//! Parts of a template as text, so that comments and spelling stay as they were written.

use std::fmt::Write as _;
use std::path::Path;

use crate::Refusal;

/// The parts that a sheet may have, in the order of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Parameters,
    Rules,
    Conditions,
    Globals,
    Resources,
    Outputs,
}

impl Section {
    const ALL: [Section; 6] = [
        Section::Parameters,
        Section::Rules,
        Section::Conditions,
        Section::Globals,
        Section::Resources,
        Section::Outputs,
    ];

    const fn name(self) -> &'static str {
        match self {
            Section::Parameters => "Parameters",
            Section::Rules => "Rules",
            Section::Conditions => "Conditions",
            Section::Globals => "Globals",
            Section::Resources => "Resources",
            Section::Outputs => "Outputs",
        }
    }
}

/// A sheet: its first comment, and the text below each section's name.
pub(crate) struct Sheet {
    pub(crate) file: String,
    /// Lines of the first comment.
    pub(crate) title: Vec<String>,
    sections: Vec<(Section, String)>,
}

impl Sheet {
    pub(crate) fn read(root: &Path, file: &str) -> Result<Self, Refusal> {
        let text = std::fs::read_to_string(root.join(file)).map_err(|error| Refusal::unreadable(file, &error))?;
        Sheet::parse(file, &text)
    }

    pub(crate) fn titled(title: &str) -> Self {
        Sheet { file: title.to_owned(), title: vec![title.to_owned()], sections: Vec::new() }
    }

    fn parse(file: &str, text: &str) -> Result<Self, Refusal> {
        let mut sheet = Sheet { file: file.to_owned(), title: Vec::new(), sections: Vec::new() };
        for line in text.lines() {
            if let Some((_, body)) = sheet.sections.last_mut()
                && (line.is_empty() || line.starts_with(' '))
            {
                body.push_str(line);
                body.push('\n');
            } else if let Some(comment) = line.strip_prefix('#').filter(|_| sheet.sections.is_empty()) {
                sheet.title.push(comment.trim().to_owned());
            } else if !line.is_empty() {
                let section =
                    line.strip_suffix(':').and_then(|name| Section::ALL.into_iter().find(|s| s.name() == name));
                let section = section.ok_or_else(|| Refusal::of(file, line, "this is no section of a template"))?;
                sheet.sections.push((section, String::new()));
            }
        }
        Ok(sheet)
    }

    /// Adds to a section; nothing when the text is empty.
    pub(crate) fn append(&mut self, section: Section, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.sections.iter_mut().find(|(known, _)| *known == section) {
            Some((_, body)) => {
                // Outputs stand close together.
                let between = if section == Section::Outputs { "" } else { "\n" };
                *body = format!("{}\n{between}{text}", body.trim_end());
            }
            None => self.sections.push((section, text.to_owned())),
        }
    }

    /// Puts a text in the place of a mark.
    pub(crate) fn fill(&mut self, mark: &str, text: &str) {
        for (_, body) in &mut self.sections {
            *body = body.replace(mark, text);
        }
    }

    /// A section's text; empty when there is none.
    pub(crate) fn section(&self, wanted: Section) -> &str {
        self.sections.iter().find(|(section, _)| *section == wanted).map_or("", |(_, text)| text)
    }

    /// What the sheet gives a name, by section.
    pub(crate) fn names(&self) -> impl Iterator<Item = (Section, &str)> {
        self.sections.iter().flat_map(|(section, text)| names_in(text).map(|name| (*section, name)))
    }
}

/// The keys at the first level of a section.
pub(crate) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let name = line.strip_prefix("  ")?.split_once(':')?.0;
        (!name.starts_with([' ', '#'])).then_some(name)
    })
}

/// One template of all sheets. Above each sheet's resources stands its title.
pub(crate) fn joined(sheets: &[Sheet]) -> String {
    let mut joined = String::new();
    for section in Section::ALL {
        let parts: Vec<_> = sheets.iter().filter(|sheet| !sheet.section(section).trim().is_empty()).collect();
        if parts.is_empty() {
            continue;
        }
        let _ = write!(joined, "\n{}:\n", section.name());
        for (index, sheet) in parts.iter().enumerate() {
            if section == Section::Resources {
                joined.push_str(&banner(&sheet.title));
            } else if index > 0 && section != Section::Outputs {
                joined.push('\n');
            }
            joined.push_str(sheet.section(section).trim_end());
            joined.push('\n');
        }
    }
    joined
}

fn banner(title: &[String]) -> String {
    let rule = format!("  # {}\n", "─".repeat(100));
    let lines: String = title.iter().map(|line| format!("  # {line}\n")).collect();
    format!("\n{rule}{lines}{rule}\n")
}
