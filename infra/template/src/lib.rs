//! Assembles `template.yaml`, the one description of what is deployed, from parts that say everything once.
//!
//! Written by hand are
//! - the sheets in this folder: parts of a template, with comments, taken over word for word;
//! - `functions.yaml` of each context: a row per function with what is special about it;
//! - `permissions.yaml`: what the words behind `may` allow.
//!
//! A row becomes a function, its role, and what invokes it. What the rows do not say follows from rules that stand in one
//! place: `function` (names, alias, role, log group), `source` (routes, queues, streams, schedules), `permissions`.
//! `observability.yaml` becomes a stack of its own (`nested`), so that alarms take no room in the main one.
//!
//! Adding a function: write its row, run `cargo run -p oms-template`, and commit the result. A test fails when
//! `template.yaml` is not what the parts give.

#![allow(clippy::format_push_string, clippy::format_collect, reason = "some thousand lines, written once")]

mod flow;
mod function;
mod nested;
mod permissions;
mod refusal;
mod sheet;
mod source;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub use refusal::Refusal;

use permissions::Dictionary;
use sheet::{Section, Sheet};
use table::Context;

/// The main stack, from the root of the repository.
pub const TEMPLATE: &str = "template.yaml";
/// The stack inside it that watches.
pub const OBSERVABILITY: &str = "observability.yaml";

/// Where the sheets and the dictionary are.
const SHEETS: &str = "infra/template";
/// Where each context has a folder with its `functions.yaml`.
const FUNCTIONS: &str = "functions";

/// Sheets of the main stack, in the order of the result.
const MAIN: [&str; 8] = ["parameters", "globals", "api", "tables", "messaging", "alarms", "identity", "links"];

const HEAD: &str = "\
# Generated from infra/template and functions.yaml of each context. Change those, then: cargo run -p oms-template
AWSTemplateFormatVersion: \"2010-09-09\"
Transform: AWS::Serverless-2016-10-31
# What cfn-lint and its serverless rules ask for and does not apply. W1001: a canary refers to alarms that are there whenever
# it is, by the rule CanaryNeedsAlarms. WS1000: X-Ray would add a permission on \"*\" to every role; the correlation id in
# logs and events says what we need (P1). WS1004 and ES6000 know log groups by a literal name only, and ask for dead letters of
# dead letters: check_template.py (logs_end, queues_have_dead_letters) looks closer.
Metadata:
  cfn-lint:
    config:
      ignore_checks: [W1001, WS1000, WS1004, ES6000]
Description: Order management. Every route, trigger, table, topic, queue and permission; the local cloud runs this same file.

# To find what serves a route, search for its path: the comment above each function names it. Below each function stand
# its role and what it is triggered by. In a role, the statements named Trigger… and Logs are used by Lambda itself on the
# function's behalf; all others are the calls that the handler makes. Ids such as L6 are rows of the requirements.
";

/// What the parts give.
#[derive(Debug, PartialEq, Eq)]
pub struct Assembled {
    /// The main stack: [`TEMPLATE`].
    pub template: String,
    /// The stack inside it: [`OBSERVABILITY`].
    pub observability: String,
}

/// Reads the parts below `root`, the repository, and puts them together.
pub fn assemble(root: &Path) -> Result<Assembled, Refusal> {
    let sheet = |name: &str| Sheet::read(root, &format!("{SHEETS}/{name}.yaml"));
    let mut main = MAIN.into_iter().map(sheet).collect::<Result<Vec<_>, _>>()?;
    let mut watching = sheet("observability")?;
    let dictionary = Dictionary::read(root, &format!("{SHEETS}/permissions.yaml"))?;
    let contexts = table::read_all(root, FUNCTIONS)?;
    for context in &contexts {
        main.push(context_sheet(context, &dictionary)?);
        for row in &context.rows {
            watching.append(Section::Resources, &source::alarms(row));
        }
    }
    for (metric, statistic) in OF_EACH_FUNCTION {
        watching
            .fill(&format!("@each function: {metric} {statistic}@"), &of_each_function(&contexts, metric, statistic));
    }
    check_used(&dictionary, &contexts)?;
    let nested = nested::stack_of(&watching);
    main.push(nested.reference);
    check_unique(&main)?;
    Ok(Assembled { template: format!("{HEAD}{}", sheet::joined(&main)), observability: nested.template })
}

/// What the dashboard shows of every function: metrics that AWS keeps anyway.
const OF_EACH_FUNCTION: [(&str, &str); 2] = [("Invocations", "Sum"), ("Duration", "p95")];

/// A line of a graph for each function.
fn of_each_function(contexts: &[Context], metric: &str, statistic: &str) -> String {
    let rows = contexts.iter().flat_map(|context| &context.rows);
    let line = |row: &table::Row| {
        let name = &row.name;
        format!(
            "[\"AWS/Lambda\",\"{metric}\",\"FunctionName\",\"${{AWS::StackName}}-{name}\",{{\"stat\":\"{statistic}\",\"label\":\"{name}\"}}]"
        )
    };
    rows.map(line).collect::<Vec<_>>().join(",")
}

/// A context's functions as a sheet.
fn context_sheet(context: &Context, dictionary: &Dictionary) -> Result<Sheet, Refusal> {
    let mut sheet = Sheet::titled(&format!("Functions: {}", context.name));
    sheet.append(Section::Resources, &function::log_group(&context.name));
    for row in &context.rows {
        let words = dictionary.words(context, row)?;
        sheet.append(Section::Resources, &function::resources(context, row, &words)?);
        sheet.append(Section::Resources, &source::resources(row));
        sheet.append(Section::Outputs, &source::outputs(row));
    }
    Ok(sheet)
}

/// Nothing in the dictionary is there for nobody.
fn check_used(dictionary: &Dictionary, contexts: &[Context]) -> Result<(), Refusal> {
    let used: BTreeSet<_> =
        contexts.iter().flat_map(|context| &context.rows).flat_map(|row| &row.spec.may).map(String::as_str).collect();
    match dictionary.names().find(|name| !used.contains(name)) {
        Some(unused) => Err(dictionary.refusal(unused, "no function may do this: take the entry out")),
        None => Ok(()),
    }
}

/// YAML readers differ on a key that comes twice; most take the last.
fn check_unique(sheets: &[Sheet]) -> Result<(), Refusal> {
    let mut seen: BTreeMap<(Section, &str), &str> = BTreeMap::new();
    for sheet in sheets {
        for (section, name) in sheet.names() {
            if let Some(first) = seen.insert((section, name), &sheet.file) {
                return Err(Refusal::of(&sheet.file, name, &format!("it is already in {first}")));
            }
        }
    }
    Ok(())
}
