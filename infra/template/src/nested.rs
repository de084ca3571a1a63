//! A sheet as a stack of its own: what it refers to in the main stack becomes its parameters.

use std::collections::{BTreeMap, BTreeSet};

use crate::OBSERVABILITY;
use crate::function::TAGS;
use crate::sheet::{Section, Sheet, joined, names_in};

const HEAD: &str = "\
# Generated from infra/template and functions.yaml of each context. Change those, then: cargo run -p oms-template
AWSTemplateFormatVersion: \"2010-09-09\"
Description: Alarms and dashboard of order management, a stack inside the one of template.yaml.
";

/// A stack, and the resource of the main stack that makes it.
pub(crate) struct Nested {
    pub(crate) template: String,
    pub(crate) reference: Sheet,
}

/// Makes a stack of `sheet`.
pub(crate) fn stack_of(sheet: &Sheet) -> Nested {
    let (resources, given) = handed_in(sheet.section(Section::Resources));
    let mut own = Sheet::titled("");
    own.title.clone_from(&sheet.title);
    let parameters = given.keys().fold(String::new(), |text, name| text + &format!("  {name}: {{Type: String}}\n"));
    own.append(Section::Parameters, &parameters);
    own.append(Section::Resources, &resources);

    let mut reference = Sheet::titled("Observability");
    let passed = given.iter().fold(String::new(), |text, (name, value)| text + &format!("        {name}: {value}\n"));
    reference.append(
        Section::Resources,
        &format!(
            "  Observability:
    Type: AWS::CloudFormation::Stack
    Condition: Monitored
    Properties:
      TemplateURL: {OBSERVABILITY}
      Parameters:
{passed}{TAGS}"
        ),
    );
    Nested { template: HEAD.to_owned() + &joined(&[own]), reference }
}

/// How a text refers to something.
const FORMS: [&str; 3] = ["!GetAtt ", "!Ref ", "${"];

/// The text with parameters in place of what it refers to elsewhere, and what each of them stands for.
fn handed_in(text: &str) -> (String, BTreeMap<String, String>) {
    let own: BTreeSet<&str> = names_in(text).collect();
    let mut given = BTreeMap::new();
    let mut written = String::new();
    let mut rest = text;
    while let Some((start, form)) = FORMS.iter().filter_map(|form| Some((rest.find(form)?, *form))).min() {
        let (before, after) = rest.split_at(start + form.len());
        let end = after.find(|one: char| !one.is_ascii_alphanumeric() && !".:".contains(one)).unwrap_or(after.len());
        let (path, after) = after.split_at(end);
        if is_elsewhere(path, &own) {
            let name = path.trim_start_matches("AWS::").replace('.', "");
            written += &before[..start];
            written += if form == "${" { form } else { "!Ref " };
            written += &name;
            given.insert(name, format!("{} {path}", if path.contains('.') { "!GetAtt" } else { "!Ref" }));
        } else {
            written += before;
            written += path;
        }
        rest = after;
    }
    (written + rest, given)
}

/// Whether a nested stack would find nothing, or something else, under this name.
fn is_elsewhere(path: &str, own: &BTreeSet<&str>) -> bool {
    let name = path.split('.').next().unwrap_or_default();
    if path.starts_with("AWS::") { path == "AWS::StackName" } else { !name.is_empty() && !own.contains(name) }
}
