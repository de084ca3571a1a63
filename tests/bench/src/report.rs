//! What was measured, each figure beside its reference and its target: as text, as JSON and as Markdown.

use std::fmt::Write as _;

use serde::Serialize;

/// The most that a figure may be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// So many times its reference.
    Ratio(f64),
    /// So much.
    Value(f64),
    /// Less than so much.
    Below(f64),
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    /// Which part of the benchmark.
    pub(crate) section: &'static str,
    /// What was measured, e.g. `create`.
    pub(crate) subject: String,
    /// Which figure of it, e.g. `p50`.
    pub(crate) figure: String,
    /// Its unit; empty for counts.
    pub(crate) unit: &'static str,
    /// The figure.
    pub(crate) value: f64,
    /// The reference from the same run.
    pub(crate) reference: Option<f64>,
    /// What the reference is.
    pub(crate) against: &'static str,
    /// What it should be.
    pub(crate) target: Option<Target>,
}

impl Row {
    /// A figure by itself.
    pub(crate) fn new(
        section: &'static str,
        subject: &str,
        figure: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Self {
        let (subject, figure) = (subject.to_owned(), figure.into());
        Row { section, subject, figure, unit, value, reference: None, against: "", target: None }
    }

    /// Beside its reference.
    #[must_use]
    pub(crate) fn beside(self, reference: f64, against: &'static str) -> Self {
        Row { reference: Some(reference), against, ..self }
    }

    /// With a target.
    #[must_use]
    pub(crate) fn at_most(self, target: Target) -> Self {
        Row { target: Some(target), ..self }
    }

    /// How many times its reference it is.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.reference.filter(|reference| *reference > 0.0).map(|reference| self.value / reference)
    }

    /// Whether the target is met, judged to the two decimals that are shown.
    pub(crate) fn met(&self) -> Option<bool> {
        let rounded = |value: f64| (value * 100.0).round() / 100.0;
        match self.target? {
            Target::Ratio(limit) => self.ratio().map(|ratio| rounded(ratio) <= limit),
            Target::Value(limit) => Some(rounded(self.value) <= limit),
            Target::Below(limit) => Some(rounded(self.value) < limit),
        }
    }

    fn cells(&self) -> [String; 7] {
        let shown =
            |value: f64| format!("{}{}{}", number(value), if self.unit.is_empty() { "" } else { " " }, self.unit);
        let reference = self.reference.map(|reference| format!("{} {}", shown(reference), self.against));
        let target = self.target.map(|target| match target {
            Target::Ratio(limit) => format!("≤ {limit:.2} ×"),
            Target::Value(limit) => format!("≤ {}", shown(limit)),
            Target::Below(limit) => format!("< {}", shown(limit)),
        });
        let verdict = self.met().map_or("", |met| if met { "met" } else { "missed" });
        [
            self.subject.clone(),
            self.figure.clone(),
            shown(self.value),
            reference.unwrap_or_default().trim_end().to_owned(),
            self.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            target.unwrap_or_default(),
            verdict.to_owned(),
        ]
    }
}

const HEADINGS: [&str; 7] = ["what", "figure", "measured", "beside", "ratio", "target", ""];

/// A number in as many digits as mean something.
pub(crate) fn number(value: f64) -> String {
    if value.fract().abs() < 1e-9 || value.abs() >= 1_000.0 {
        return format!("{value:.0}");
    }
    if value.abs() >= 100.0 { format!("{value:.1}") } else { format!("{value:.2}") }
}

/// A run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// When, UTC.
    pub(crate) date: String,
    /// On what.
    pub(crate) machine: String,
    /// Profile that the functions were built in.
    pub(crate) profile: String,
    /// Whether it was a short run, which proves nothing.
    pub(crate) quick: bool,
    /// The figures.
    pub(crate) rows: Vec<Row>,
}

impl Report {
    /// A section as a table for the terminal.
    pub(crate) fn table(rows: &[Row]) -> String {
        let lines: Vec<[String; 7]> =
            std::iter::once(HEADINGS.map(str::to_owned)).chain(rows.iter().map(Row::cells)).collect();
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
        let widths: [usize; 7] = std::array::from_fn(width);
        let mut text = String::new();
        for line in lines {
            let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        text
    }

    /// All of it for the documentation.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{} · {} · profile {}\n", self.date, self.machine, self.profile);
        let mut section = "";
        for row in &self.rows {
            if row.section != section {
                section = row.section;
                let _ = write!(text, "\n### {section}\n\n| {} |\n|{}\n", HEADINGS.join(" | "), "---|".repeat(7));
            }
            let _ = writeln!(text, "| {} |", row.cells().map(|cell| cell.replace('|', "\\|")).join(" | "));
        }
        text
    }

    /// How many targets are met, and which are not.
    pub(crate) fn verdict(&self) -> String {
        let judged: Vec<(&Row, bool)> = self.rows.iter().filter_map(|row| Some((row, row.met()?))).collect();
        let missed: Vec<&Row> = judged.iter().filter(|(_, met)| !met).map(|(row, _)| *row).collect();
        let mut text = format!("{} of {} targets met\n", judged.len() - missed.len(), judged.len());
        for row in missed {
            let [subject, figure, measured, beside, ratio, target, _] = row.cells();
            let compared = if beside.is_empty() { String::new() } else { format!(" beside {beside} = {ratio}") };
            let _ =
                writeln!(text, "missed: {} {subject}, {figure}: {measured}{compared}, target {target}", row.section);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: f64, reference: f64) -> Row {
        Row::new("start", "create-order", "CPU", value, "ms").beside(reference, "empty")
    }

    #[test]
    fn a_ratio_is_judged_as_it_is_shown() {
        assert_eq!(row(15.04, 10.0).at_most(Target::Ratio(1.5)).met(), Some(true));
        assert_eq!(row(15.06, 10.0).at_most(Target::Ratio(1.5)).met(), Some(false));
        assert_eq!(row(1.0, 0.0).at_most(Target::Ratio(1.5)).met(), None, "there is nothing to compare with");
    }

    #[test]
    fn a_value_may_reach_its_limit_or_must_stay_below() {
        assert_eq!(row(500.0, 1.0).at_most(Target::Value(500.0)).met(), Some(true));
        assert_eq!(row(500.0, 1.0).at_most(Target::Below(500.0)).met(), Some(false));
    }

    #[test]
    fn a_figure_stands_beside_its_reference() {
        let text = Report::table(&[row(3.0, 2.0).at_most(Target::Ratio(1.5))]);
        let line = text.lines().nth(1).unwrap();
        assert_eq!(
            line.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect::<Vec<_>>(),
            ["create-order", "CPU", "3 ms", "2 ms empty", "1.50", "≤ 1.50 ×", "met"]
        );
    }

    #[test]
    fn what_was_missed_is_named() {
        let rows = vec![row(1.0, 1.0).at_most(Target::Ratio(1.5)), row(2.0, 1.0).at_most(Target::Ratio(1.5))];
        let report = Report { date: String::new(), machine: String::new(), profile: String::new(), quick: true, rows };
        let verdict = report.verdict();
        assert!(
            verdict.starts_with("1 of 2 targets met") && verdict.contains("missed: start create-order"),
            "{verdict}"
        );
    }
}
