//! What a real account would do with the template: each fault that was found, under its row in docs/review.md.

use std::fs;

use yaml_serde::{Mapping, Value};

use crate::root;

/// The resources of both stacks.
pub(crate) fn resources() -> Mapping {
    let read =
        |file: &str| -> Mapping { yaml_serde::from_str(&fs::read_to_string(root().join(file)).unwrap()).unwrap() };
    let mut all = Mapping::new();
    for file in [oms_template::TEMPLATE, oms_template::OBSERVABILITY] {
        all.extend(read(file)["Resources"].as_mapping().unwrap().clone());
    }
    all
}

/// The properties of every resource of a type, by name.
pub(crate) fn of_type(kind: &str) -> Vec<(String, Value)> {
    let is = |resource: &Value| resource["Type"].as_str() == Some(kind);
    let of = resources().into_iter().filter(|(_, resource)| is(resource));
    of.map(|(name, resource)| (name.as_str().unwrap().to_owned(), resource["Properties"].clone())).collect()
}

/// A value with `CloudFormation`'s short tags, as it is written.
pub(crate) fn written(value: &Value) -> String {
    yaml_serde::to_string(value).unwrap().trim().to_owned()
}

const DAY: u64 = 24 * 60 * 60;

#[test]
fn l3_what_waits_in_a_queue_is_kept_as_long_as_sqs_can() {
    let queues = of_type("AWS::SQS::Queue");
    assert!(queues.len() >= 8, "{}", queues.len());
    for (name, queue) in queues {
        assert_eq!(queue["MessageRetentionPeriod"].as_u64(), Some(14 * DAY), "{name}");
    }
}

#[test]
fn l3_somebody_hears_of_a_queue_that_nobody_reads() {
    let alarms = of_type("AWS::CloudWatch::Alarm");
    for queue in ["Notify", "Payment", "Refund", "Screen"] {
        let (_, alarm) = alarms.iter().find(|(name, _)| *name == format!("{queue}AgeAlarm")).unwrap();
        assert_eq!(alarm["MetricName"].as_str(), Some("ApproximateAgeOfOldestMessage"), "{queue}");
        assert!(alarm["Threshold"].as_u64().unwrap() < DAY, "{queue}");
    }
}

#[test]
fn l6_a_rush_waits_in_its_queue_and_what_lambda_gives_back_uses_up_no_retry() {
    let mut sources = 0;
    for (name, function) in of_type("AWS::Serverless::Function") {
        for (_, event) in function["Events"].as_mapping().unwrap() {
            if event["Type"].as_str() == Some("SQS") {
                sources += 1;
                assert!(!event["Properties"]["ScalingConfig"]["MaximumConcurrency"].is_null(), "{name}");
            }
        }
    }
    assert_eq!(sources, 5);
    for (name, queue) in of_type("AWS::SQS::Queue") {
        if let Some(received) = queue["RedrivePolicy"]["maxReceiveCount"].as_u64() {
            assert!(received >= 5, "{name}");
        }
    }
}

#[test]
fn s16_a_batch_of_messages_is_sent_before_the_time_is_over() {
    let functions = of_type("AWS::Serverless::Function");
    let (_, notify) = functions.iter().find(|(name, _)| name == "Notify").unwrap();
    // By two channels each, a second for each call, in the ten seconds that the queue's visibility of a minute allows (I1).
    let batch = notify["Events"]["PublishedEvents"]["Properties"]["BatchSize"].as_u64().unwrap();
    assert!(batch * 2 < 10, "{batch}");
}

#[test]
fn f2_s9_e_mail_goes_by_a_configuration_set_of_the_stack_and_somebody_hears_of_bounces() {
    assert_eq!(of_type("AWS::SES::ConfigurationSet").len(), 1);
    let roles = of_type("AWS::IAM::Role");
    let (_, role) = roles.iter().find(|(name, _)| name == "NotifyRole").unwrap();
    assert!(written(role).contains("configuration-set/${EmailConfigurationSet}"));
    let alarms = of_type("AWS::CloudWatch::Alarm");
    for metric in ["Reputation.BounceRate", "Reputation.ComplaintRate", "SMSMonthToDateSpentUSD"] {
        assert!(alarms.iter().any(|(_, alarm)| alarm["MetricName"].as_str() == Some(metric)), "{metric}");
    }
}

#[test]
fn f3_the_gateway_answers_preflights_for_the_shop() {
    let (_, api) = of_type("AWS::Serverless::HttpApi").remove(0);
    let cors = &api["CorsConfiguration"];
    assert!(written(&cors["AllowOrigins"]).contains("ShopUrl"), "an origin, and not everybody");
    for (list, all) in [
        ("AllowHeaders", ["authorization", "content-type", "idempotency-key", "if-match"].as_slice()),
        ("ExposeHeaders", &["etag", "location", "retry-after", "x-correlation-id"]),
    ] {
        let said: Vec<&str> = cors[list].as_sequence().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(all.iter().all(|one| said.contains(one)), "{list}: {said:?}");
    }
}

#[test]
fn f5_c4_a_shop_sends_its_own_e_mail_to_new_accounts_in_the_cheap_tier() {
    let (_, pool) = of_type("AWS::Cognito::UserPool").remove(0);
    assert_eq!(pool["UserPoolTier"].as_str(), Some("LITE"));
    let email = written(&pool["EmailConfiguration"]);
    assert!(email.contains("Production") && email.contains("DEVELOPER"), "{email}");
    assert!(written(&pool["MfaConfiguration"]).contains("Mfa"));
}

#[test]
fn c1_a_table_asks_kms_for_nothing() {
    let tables = of_type("AWS::DynamoDB::Table");
    assert!(tables.len() >= 2 && tables.iter().all(|(_, table)| table["SSESpecification"].is_null()));
}

#[test]
fn s7_silence_of_a_sweep_that_never_ran_is_no_alarm_and_a_canary_outlasts_its_alarms() {
    let resources = resources();
    let sweep = &resources["SweepErrorsAlarm"]["Properties"];
    assert_eq!(sweep["TreatMissingData"].as_str(), Some("missing"));
    assert!(written(&sweep["InsufficientDataActions"]).contains("OperatorAlarms"), "but one that stops is told of");
    let main: Value = yaml_serde::from_str(&fs::read_to_string(root().join(oms_template::TEMPLATE)).unwrap()).unwrap();
    let canary = main["Globals"]["Function"]["DeploymentPreference"]["Type"].as_str().unwrap();
    let minutes: u64 = canary.trim_start_matches("Canary10Percent").trim_end_matches("Minutes").parse().unwrap();
    for alarm in ["ApiErrorsAlarm", "ApiLatencyAlarm", "RelayAgeAlarm"] {
        let alarm = &resources[alarm]["Properties"];
        let looks = alarm["Period"].as_u64().unwrap() * alarm["EvaluationPeriods"].as_u64().unwrap();
        assert!(looks * 2 <= minutes * 60, "{looks} s in {minutes} minutes");
    }
}

#[test]
fn s6_somebody_hears_of_a_relay_that_is_not_invoked() {
    let alarm = &resources()["PublishLagAlarm"]["Properties"];
    assert_eq!(alarm["MetricName"].as_str(), Some("publish_lag"));
    assert!(written(&alarm["AlarmActions"]).contains("OperatorAlarms"));
    // It is told every five minutes at least while it is there, and not at all when it is not.
    assert_eq!((alarm["Period"].as_u64(), alarm["TreatMissingData"].as_str()), (Some(300), Some("notBreaching")));
    let dashboard = written(&resources()["Dashboard"]);
    assert!(["publish_lag", "agenda_lag"].iter().all(|figure| dashboard.contains(figure)));
}

#[test]
fn s7_a_provider_that_is_away_takes_no_release_back() {
    let pattern = written(&resources()["ApiErrors"]["Properties"]["FilterPattern"]);
    for word in ["5*", "503", "/payments", "/callback/"] {
        assert!(pattern.contains(word), "{pattern}");
    }
}

/// A parameter's pattern, whole.
fn pattern(parameter: &str) -> String {
    let main: Value = yaml_serde::from_str(&fs::read_to_string(root().join(oms_template::TEMPLATE)).unwrap()).unwrap();
    main["Parameters"][parameter]["AllowedPattern"].as_str().unwrap().to_owned()
}

#[test]
fn s2_s13_an_issuer_may_end_in_a_slash_and_a_secret_is_named_in_full() {
    assert_eq!(pattern("OidcIssuer"), "(https?://.+)?");
    for secret in ["StripeSecretArn", "PayPalSecretArn", "FedExSecretArn", "UpsSecretArn", "DhlSecretArn"] {
        assert!(pattern(secret).ends_with("-[A-Za-z0-9]{6})?"), "{secret}");
    }
    let roles = of_type("AWS::IAM::Role");
    let (_, role) = roles.iter().find(|(name, _)| name == "RefundRole").unwrap();
    assert!(written(role).contains("kms:Decrypt"), "a key of the shop's own");
}

#[test]
fn s15_an_address_of_the_shops_own_is_there_when_asked_for() {
    let resources = resources();
    for name in ["ApiDomainName", "ApiDomainMapping"] {
        assert_eq!(resources[name]["Condition"].as_str(), Some("HasApiDomain"), "{name}");
    }
    let api = &resources["Api"]["Properties"]["DisableExecuteApiEndpoint"];
    assert!(written(api).contains("HasDefaultEndpoint"));
}
