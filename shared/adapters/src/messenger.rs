//! Messages to customers: e-mail by SES, text messages by SNS (I4).
//!
//! Neither service knows idempotency keys; what keeps a message from being sent twice is the notice that is begun
//! before and finished after. Errors carry the service's code and never its text, which repeats the recipient.

use async_trait::async_trait;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message as Email};
use aws_sdk_sns::types::MessageAttributeValue;
use oms_app::ports::{Message, Messenger, SendError};
use oms_domain::messaging::Channel;

/// What SES refuses for good: the recipient or the text is at fault. All else may be mended, and is tried again.
/// `MessageRejected` is not among them: SES says so of a sender that it has not verified yet, and of everybody outside its sandbox.
const SES_REFUSALS: [&str; 1] = ["BadRequestException"];

/// What SNS refuses for good.
const SNS_REFUSALS: [&str; 3] = ["InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid"];

/// Sends by SES and SNS.
#[derive(Debug, Clone)]
pub struct AwsMessenger {
    email: aws_sdk_sesv2::Client,
    sms: aws_sdk_sns::Client,
    terms: Terms,
}

/// How messages are sent.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Sender of e-mail, which SES must have verified.
    pub from: String,
    /// SES's configuration set. Named in every call: one that the identity has by default would need permissions that no
    /// role has.
    pub configuration_set: String,
    /// Most that one text message may cost, in US dollars.
    pub sms_max_price: String,
}

impl AwsMessenger {
    /// Sends on these terms.
    pub fn new(email: aws_sdk_sesv2::Client, sms: aws_sdk_sns::Client, terms: Terms) -> Self {
        AwsMessenger { email, sms, terms }
    }

    async fn send_email(&self, message: &Message) -> Result<(), SendError> {
        use aws_sdk_sesv2::error::ProvideErrorMetadata as _;
        let subject = utf8(message.subject.as_deref().unwrap_or_default())?;
        let body = Body::builder().text(utf8(&message.body)?).build();
        let email = Email::builder().subject(subject).body(body).build();
        let call = self
            .email
            .send_email()
            .from_email_address(&self.terms.from)
            .configuration_set_name(&self.terms.configuration_set)
            .destination(Destination::builder().to_addresses(&message.to).build())
            .content(EmailContent::builder().simple(email).build());
        call.send().await.map(|_| ()).map_err(|error| judged("SES", error.code(), &SES_REFUSALS))
    }

    async fn send_sms(&self, message: &Message) -> Result<(), SendError> {
        use aws_sdk_sns::error::ProvideErrorMetadata as _;
        let call = self
            .sms
            .publish()
            .phone_number(&message.to)
            .message(&message.body)
            .message_attributes("AWS.SNS.SMS.SMSType", attribute("String", "Transactional")?)
            .message_attributes("AWS.SNS.SMS.MaxPrice", attribute("Number", &self.terms.sms_max_price)?);
        call.send().await.map(|_| ()).map_err(|error| judged("SNS", error.code(), &SNS_REFUSALS))
    }
}

fn attribute(kind: &str, value: &str) -> Result<MessageAttributeValue, SendError> {
    let attribute = MessageAttributeValue::builder().data_type(kind).string_value(value).build();
    attribute.map_err(|error| SendError::Permanent(error.to_string()))
}

fn utf8(text: &str) -> Result<Content, SendError> {
    let content = Content::builder().data(text).charset("UTF-8").build();
    content.map_err(|error| SendError::Permanent(error.to_string()))
}

/// Whether a failure is final is decided here and nowhere else.
fn judged(service: &str, code: Option<&str>, refusals: &[&str]) -> SendError {
    match code {
        Some(code) if refusals.contains(&code) => SendError::Permanent(format!("{service} refused: {code}")),
        Some(code) => SendError::Transient(format!("{service} failed: {code}")),
        None => SendError::Transient(format!("{service} gave no answer")),
    }
}

#[async_trait]
impl Messenger for AwsMessenger {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        match message.notice.channel {
            Channel::Email => self.send_email(message).await,
            Channel::Sms => self.send_sms(message).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_recipient_or_text_causes_is_final() {
        assert!(matches!(judged("SES", Some("BadRequestException"), &SES_REFUSALS), SendError::Permanent(_)));
        let passing =
            ["MessageRejected", "SendingPausedException", "AccountSuspendedException", "TooManyRequestsException"];
        for code in passing.into_iter().chain(["MailFromDomainNotVerifiedException", "LimitExceededException"]) {
            assert!(matches!(judged("SES", Some(code), &SES_REFUSALS), SendError::Transient(_)), "{code}");
        }
        assert!(matches!(judged("SNS", Some("InvalidParameter"), &SNS_REFUSALS), SendError::Permanent(_)));
        assert!(matches!(judged("SNS", Some("Throttling"), &SNS_REFUSALS), SendError::Transient(_)));
        assert!(matches!(judged("SNS", None, &SNS_REFUSALS), SendError::Transient(_)));
    }
}
