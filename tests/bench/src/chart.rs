//! The ratios that have a target as an SVG for the documentation: a bar each, and a line where the target is.

use std::fmt::Write as _;

use crate::report::{Row, Target};

const WIDTH: f64 = 960.0;
const ROW: f64 = 24.0;
const LABELS: f64 = 430.0;
const TOP: f64 = 64.0;
/// Bars beyond this many times the target are cut.
const LONGEST: f64 = 2.0;

/// Draws every row with a target as a share of it: 1 is the target itself.
pub(crate) fn svg(rows: &[Row], title: &str) -> String {
    let judged: Vec<(&Row, f64, f64)> =
        rows.iter().filter_map(|row| share(row).map(|(is, of)| (row, is, of))).collect();
    let height = judged.iter().fold(TOP + 16.0, |height, _| height + ROW);
    let scale = (WIDTH - LABELS - 150.0) / LONGEST;
    let line = LABELS + scale;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"600\" fill=\"#1f2328\">{}</text>\n\
         <text x=\"{line}\" y=\"52\" text-anchor=\"middle\" fill=\"#57606a\">target</text>\n",
        escaped(title)
    );
    let mut y = TOP;
    for (row, is, of) in judged {
        let met = row.met().unwrap_or_default();
        let length = (is / of).min(LONGEST) * scale;
        let end = LABELS + length + 6.0;
        let colour = if met { "#2da44e" } else { "#cf222e" };
        let label = format!("{}, {}", row.subject, row.figure);
        let _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#1f2328\">{}</text>\
             <rect x=\"{LABELS}\" y=\"{y}\" width=\"{length:.1}\" height=\"16\" rx=\"2\" fill=\"{colour}\"/>\
             <text x=\"{end:.1}\" y=\"{}\" fill=\"#57606a\">{}</text>",
            LABELS - 10.0,
            y + 13.0,
            escaped(&label),
            y + 13.0,
            escaped(&reading(row, is, of)),
        );
        y += ROW;
    }
    let _ = writeln!(
        text,
        "<line x1=\"{line}\" y1=\"{}\" x2=\"{line}\" y2=\"{y}\" stroke=\"#1f2328\" stroke-dasharray=\"4 3\"/>\n</svg>",
        TOP - 6.0
    );
    text
}

/// What was measured and what it may be at most.
fn share(row: &Row) -> Option<(f64, f64)> {
    match row.target? {
        Target::Ratio(limit) => row.ratio().map(|ratio| (ratio, limit)),
        Target::Value(limit) | Target::Below(limit) if limit > 0.0 => Some((row.value, limit)),
        Target::Value(_) | Target::Below(_) => None,
    }
}

fn reading(row: &Row, is: f64, of: f64) -> String {
    match row.target {
        Some(Target::Ratio(_)) => format!("{is:.2} × of {of:.2}"),
        _ => format!("{} of {} {}", crate::report::number(is), crate::report::number(of), row.unit),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(subject: &str, value: f64) -> Row {
        Row::new("start", subject, "CPU", value, "ms").beside(1.0, "empty").at_most(Target::Ratio(1.5))
    }

    #[test]
    fn texts_cannot_break_the_drawing() {
        let drawn = svg(&[row("<create> & \"view\"", 1.0)], "a < b");
        assert!(drawn.contains("&lt;create&gt; &amp; &quot;view&quot;") && drawn.contains("a &lt; b"), "{drawn}");
    }

    #[test]
    fn what_is_missed_is_red_and_what_is_far_beyond_is_cut() {
        let drawn = svg(&[row("good", 1.2), row("bad", 15.0)], "");
        assert_eq!((drawn.matches("#2da44e").count(), drawn.matches("#cf222e").count()), (1, 1));
        assert!(!drawn.contains("width=\"1900"), "{drawn}");
    }

    #[test]
    fn only_what_has_a_target_is_drawn() {
        let drawn = svg(&[Row::new("start", "x", "wall", 1.0, "ms")], "");
        assert!(!drawn.contains("rx=\"2\""));
    }
}
