//! What callers send: names and values as in a form, judged as strictly as Stripe judges them.

use super::books::{Metadata, Refusal};

/// Names and values as they came.
pub(super) type Form = Vec<(String, String)>;

/// A page that is asked for.
#[derive(Debug, Clone)]
pub(super) struct NewSession {
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) name: String,
    pub(super) client_reference_id: Option<String>,
    pub(super) success_url: String,
    pub(super) cancel_url: Option<String>,
    pub(super) expires_at: i64,
    pub(super) metadata: Metadata,
    pub(super) intent_metadata: Metadata,
    pub(super) future_usage: Option<String>,
    pub(super) makes_customer: bool,
}

/// Longest name and longest value of metadata, in bytes.
const METADATA_BYTES: (usize, usize) = (40, 500);

/// A form from which every parameter must be taken.
pub(super) struct Parameters(Form);

impl Parameters {
    pub(super) fn new(form: Form) -> Self {
        Parameters(form)
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(own, _)| own == name)?;
        Some(self.0.remove(at).1)
    }

    pub(super) fn need(&mut self, name: &str) -> Result<String, Refusal> {
        let missing = || {
            let refusal = Refusal::invalid(name, format!("Missing required param: {name}."));
            Refusal { code: Some("parameter_missing"), ..refusal }
        };
        self.take(name).filter(|value| !value.is_empty()).ok_or_else(missing)
    }

    pub(super) fn whole(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let wrong = |value: &String| {
            let refusal = Refusal::invalid(name, format!("Invalid integer: {value}"));
            Refusal { code: Some("parameter_invalid_integer"), ..refusal }
        };
        let Some(value) = self.take(name) else { return Ok(None) };
        value.parse().map(Some).map_err(|_| wrong(&value))
    }

    pub(super) fn metadata(&mut self, object: &str) -> Result<Metadata, Refusal> {
        let start = format!("{object}[");
        let key = |name: &str| name.strip_prefix(&start)?.strip_suffix(']').map(ToOwned::to_owned);
        let ours = std::mem::take(&mut self.0);
        let mut metadata = Metadata::new();
        for (name, value) in ours {
            match key(&name).filter(|key| !key.contains('[')) {
                Some(key) if key.len() > METADATA_BYTES.0 || value.len() > METADATA_BYTES.1 => {
                    return Err(Refusal::invalid(&name, "Metadata is too long."));
                }
                Some(key) => {
                    metadata.insert(key, value);
                }
                None => self.0.push((name, value)),
            }
        }
        Ok(metadata)
    }

    /// Refuses what nobody has taken.
    pub(super) fn done(self) -> Result<(), Refusal> {
        let Some((name, _)) = self.0.first() else { return Ok(()) };
        let refusal = Refusal::invalid(name, format!("Received unknown parameter: {name}"));
        Err(Refusal { code: Some("parameter_unknown"), ..refusal })
    }
}

fn one_of(name: &str, value: Option<String>, allowed: &[&str]) -> Result<Option<String>, Refusal> {
    match value {
        Some(value) if !allowed.contains(&value.as_str()) => {
            Err(Refusal::invalid(name, format!("Invalid {name}: must be one of {}", allowed.join(", "))))
        }
        fine => Ok(fine),
    }
}

impl NewSession {
    pub(super) fn read(form: Form) -> Result<Self, Refusal> {
        let mut form = Parameters::new(form);
        one_of("mode", Some(form.need("mode")?), &["payment"])?;
        let price = |field: &str| format!("line_items[0][price_data]{field}");
        let quantity = form.whole("line_items[0][quantity]")?.unwrap_or_default();
        let unit_amount = form.whole(&price("[unit_amount]"))?.unwrap_or_default();
        let currency = form.need(&price("[currency]"))?;
        one_of("adaptive_pricing[enabled]", form.take("adaptive_pricing[enabled]"), &["true", "false"])?;
        for place in 0..60 {
            form.take(&format!("excluded_payment_method_types[{place}]"));
        }
        let usage = "payment_intent_data[setup_future_usage]";
        let creation = form.take("customer_creation");
        let creation = one_of("customer_creation", creation, &["always", "if_required"])?;
        form.take("payment_intent_data[description]");
        let session = NewSession {
            amount: unit_amount.saturating_mul(quantity),
            currency,
            name: form.need(&price("[product_data][name]"))?,
            client_reference_id: form.take("client_reference_id"),
            success_url: form.need("success_url")?,
            cancel_url: form.take("cancel_url"),
            expires_at: form.whole("expires_at")?.unwrap_or_default(),
            metadata: form.metadata("metadata")?,
            intent_metadata: form.metadata("payment_intent_data[metadata]")?,
            future_usage: one_of(usage, form.take(usage), &["off_session", "on_session"])?,
            makes_customer: creation.as_deref() == Some("always"),
        };
        form.done()?;
        if session.amount < 1 {
            return Err(Refusal::invalid(&price("[unit_amount]"), "The Checkout Session's total must be positive."));
        }
        if session.currency.len() != 3 || !session.currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(Refusal::invalid(&price("[currency]"), "Invalid currency."));
        }
        let addresses = [Some(&session.success_url), session.cancel_url.as_ref()];
        if !addresses.into_iter().flatten().all(|url| url.starts_with("http://") || url.starts_with("https://")) {
            let refusal = Refusal::invalid("success_url", "Not a valid URL");
            return Err(Refusal { code: Some("url_invalid"), ..refusal });
        }
        Ok(session)
    }
}
