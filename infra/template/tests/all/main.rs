//! What stands in the repository is what the parts give, and parts that are wrong are refused with file and row.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic here is a failed test")]

mod faults;

use std::fs;
use std::path::{Path, PathBuf};

use oms_template::{OBSERVABILITY, TEMPLATE, assemble};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Fails at the first line that differs, so that nobody reads three thousand.
#[track_caller]
fn assert_current(file: &str, expected: &str) {
    let found = fs::read_to_string(root().join(file)).unwrap();
    let differs = expected.lines().zip(found.lines()).position(|(expected, found)| expected != found);
    if let Some(line) = differs {
        let (expected, found) = (expected.lines().nth(line).unwrap(), found.lines().nth(line).unwrap());
        panic!("{file}:{}: {found:?} should be {expected:?}; run cargo run -p oms-template", line + 1);
    }
    assert_eq!(expected.len(), found.len(), "{file} has another end; run cargo run -p oms-template");
}

#[test]
fn the_templates_are_what_the_parts_give() {
    let assembled = assemble(&root()).unwrap();
    assert_current(TEMPLATE, &assembled.template);
    assert_current(OBSERVABILITY, &assembled.observability);
}

/// A copy of the parts, to be spoilt.
struct Parts(PathBuf);

impl Parts {
    fn copied(name: &str) -> Self {
        let parts = Parts(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        let _ = fs::remove_dir_all(&parts.0);
        copy(&root().join("infra/template"), &parts.0.join("infra/template"));
        let functions = root().join("functions");
        for context in fs::read_dir(functions).unwrap() {
            let context = context.unwrap();
            let table = context.path().join("functions.yaml");
            if table.exists() {
                let to = parts.0.join("functions").join(context.file_name());
                fs::create_dir_all(&to).unwrap();
                fs::copy(table, to.join("functions.yaml")).unwrap();
            }
        }
        parts
    }

    fn table(&self, context: &str) -> PathBuf {
        self.0.join("functions").join(context).join("functions.yaml")
    }

    fn sheet(&self, name: &str) -> PathBuf {
        self.0.join("infra/template").join(name)
    }
}

#[test]
fn what_a_nested_stack_refers_to_elsewhere_is_handed_in_and_what_it_holds_is_not() {
    let parts = Parts::copied("nested");
    let sheet = parts.sheet("observability.yaml");
    let more = "  Both:\n    Type: AWS::CloudWatch::CompositeAlarm\n    Properties:\n      AlarmRule: \
                !Sub \"ALARM(${LowStockAlarm}) ${RefundQueue.QueueName} ${AWS::Region} ${!Kept}\"\n      \
                AlarmActions: [!Ref LowStockAlarm, !Ref OrderEvents]\n";
    fs::write(&sheet, fs::read_to_string(&sheet).unwrap() + "\n" + more).unwrap();
    let assembled = assemble(&parts.0).unwrap();
    let rule = "!Sub \"ALARM(${LowStockAlarm}) ${RefundQueueQueueName} ${AWS::Region} ${!Kept}\"";
    for written in
        [rule, "[!Ref LowStockAlarm, !Ref OrderEvents]", "  OrderEvents: {Type: String}", "Namespace: !Ref StackName"]
    {
        assert!(assembled.observability.contains(written), "{written}");
    }
    let handed_in = ["OrderEvents: !Ref OrderEvents", "RefundQueueQueueName: !GetAtt RefundQueue.QueueName"];
    for written in handed_in.into_iter().chain(["StackName: !Ref AWS::StackName"]) {
        assert!(assembled.template.contains(&format!("        {written}\n")), "{written}");
    }
    assert!(!assembled.template.contains("LowStockAlarm:"), "what a stack holds is its own");
}

/// Copies the YAML files of a folder and of those in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            fs::copy(&path, to).unwrap();
        }
    }
}

/// Replaces `from`, which must be there, and says how the parts are refused.
#[track_caller]
fn refused(parts: &Parts, file: &Path, from: &str, to: &str) -> String {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} does not say {from:?}", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
    assemble(&parts.0).expect_err(&format!("{to:?} is taken")).to_string()
}

/// One change to the table of a context, and what the refusal must say.
#[track_caller]
fn assert_refused(name: &str, context: &str, (from, to): (&str, &str), row: &str, why: &str) {
    let parts = Parts::copied(name);
    let message = refused(&parts, &parts.table(context), from, to);
    let place = format!("{context}/functions.yaml: {row}: ");
    assert!(message.contains(&place) && message.contains(why), "{message}");
}

#[test]
fn a_word_that_is_in_no_dictionary_is_refused() {
    let change = ("may: [list orders]", "may: [list all orders]");
    assert_refused("word", "ordering", change, "list-orders", "permissions.yaml has no such entry");
}

#[test]
fn a_word_said_twice_is_refused() {
    let change = ("may: [list orders]", "may: [list orders, list orders]");
    assert_refused("twice", "ordering", change, "list-orders", "said twice");
}

#[test]
fn a_field_that_does_not_exist_is_refused() {
    let change = ("may: [list orders]", "may: [list orders]\n  time_out: 3");
    assert_refused("field", "ordering", change, "list-orders", "time_out");
}

#[test]
fn a_function_without_a_trigger_and_one_with_two_are_refused() {
    let why = "exactly one of route, stream, queue and schedule";
    assert_refused("none", "insights", ("schedule: {EveryQuarter: rate(15 minutes)}", ""), "count-orders", why);
    let change = ("may: [list orders]", "may: [list orders]\n  schedule: {Hourly: rate(1 hour)}");
    assert_refused("two", "ordering", change, "list-orders", why);
}

#[test]
fn a_route_without_a_method_is_refused() {
    let change = ("route: GET /api/orders\n", "route: /api/orders\n");
    assert_refused("method", "ordering", change, "list-orders", "a method and a path");
}

#[test]
fn only_a_route_can_be_open() {
    let change = ("may: [find orders by status]", "may: [find orders by status]\n  open: true");
    assert_refused("open", "insights", change, "count-orders", "only a route");
}

#[test]
fn a_variable_with_two_values_is_refused() {
    let change = ("timeout: 30\n\nsweep", "timeout: 30\n  environment: {TOPIC_ARN: other}\n\nsweep");
    assert_refused("variable", "platform", change, "relay", "TOPIC_ARN would have two values");
}

#[test]
fn a_function_of_two_contexts_is_refused() {
    let parts = Parts::copied("contexts");
    let row = "list-orders:\n  about: Twice.\n  route: GET /api/more\n  may: [list orders]\n\nchange-standing:";
    let message = refused(&parts, &parts.table("customers"), "change-standing:", row);
    assert!(message.contains("Functions: ordering: ListOrders: it is already in Functions: customers"), "{message}");
}

#[test]
fn an_entry_that_no_function_uses_is_refused() {
    let parts = Parts::copied("unused");
    let entry = "read everything:\n  Action: [dynamodb:Scan]\n  Resource: !GetAtt OrdersTable.Arn\n\nread orders:";
    let message = refused(&parts, &parts.sheet("permissions.yaml"), "read orders:", entry);
    assert!(message.contains("permissions.yaml: read everything: no function may do this"), "{message}");
}

#[test]
fn an_entry_named_as_a_statement_of_lambda_is_refused() {
    let parts = Parts::copied("reserved");
    let message = refused(&parts, &parts.sheet("permissions.yaml"), "read orders:", "logs of orders:");
    assert!(
        message.contains("permissions.yaml: logs of orders: statements of this name are Lambda's own"),
        "{message}"
    );
}

#[test]
fn an_entry_on_nothing_is_refused() {
    let parts = Parts::copied("nothing");
    let file = parts.sheet("permissions.yaml");
    let message = refused(&parts, &file, "  NotResource: !Sub \"arn:${AWS::Partition}:sns:*:*:*\"\n", "");
    assert!(message.contains("send text messages: either Resource or NotResource is needed"), "{message}");
}

#[test]
fn a_part_that_no_template_has_is_refused() {
    let parts = Parts::copied("section");
    let message = refused(&parts, &parts.sheet("tables.yaml"), "Resources:", "Resource:");
    assert!(message.contains("tables.yaml: Resource:: this is no section of a template"), "{message}");
}
