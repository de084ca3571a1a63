//! Stripe: hosted Checkout pages, refunds and webhooks.
//!
//! One attempt to pay is one Checkout Session of mode `payment` with one line, the order's total. Our ids travel as
//! metadata of the session and of its payment intent, so that everything that Stripe tells can be told apart from what
//! others do with the same account. What we call the reference of a capture is the payment intent.
//!
//! Stripe takes the money by itself when the customer pays. It wants a page to live for half an hour at least, which is
//! longer than an order's hold: whoever ends the hold closes the page.

mod amounts;
mod client;
mod signature;
mod webhook;
mod wire;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use oms_app::ports::{
    CaptureRef, GatewayError, MadeRefund, OpenedSession, PaymentGateway, Receipt, RefundRequest, SessionRef,
    SessionRequest, SessionState, Webhook, WebhookError,
};

pub use client::API_VERSION;
pub use signature::TOLERANCE_SECONDS;

use client::{Client, Failure, Form};
use oms_outbound::Secret;
use wire::{CheckoutSession, List, PaymentIntent, PaymentMethod, Refund, key};

/// The provider's name in paths and orders.
pub const NAME: &str = "stripe";

/// Stripe's API.
pub const API_BASE: &str = "https://api.stripe.com";

/// How long a page may be paid on after its attempt was recorded, in minutes. An attempt is opened again while its
/// order is on hold, for half an hour, and Stripe wants a page to have half an hour left when it is made.
const PAGE_MINUTES: i64 = 120;

/// Means of payment of Stripe's whose money comes days after the customer has done their part: bank debits, bank
/// transfers and vouchers. Not offered unless the merchant wants them, since stock waits as long.
const DELAYED_METHODS: [&str; 11] = [
    "acss_debit",
    "au_becs_debit",
    "bacs_debit",
    "boleto",
    "customer_balance",
    "konbini",
    "multibanco",
    "nz_bank_account",
    "oxxo",
    "sepa_debit",
    "us_bank_account",
];

/// Objects on one page of a list; the most that Stripe gives.
const LIST_OBJECTS: usize = 100;

/// Most pages of a list that are read to find one object.
const MAX_LIST_PAGES: usize = 10;

/// How much earlier by Stripe's clock than by ours a page may have been made, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 300;

/// How to reach Stripe, and as whom.
#[derive(Debug, Clone)]
pub struct StripeConfig {
    /// What stands before `/v1` in every address: [`API_BASE`], or a fake's.
    pub api_base: String,
    /// Key of the API, `sk_…` or a restricted one that may write sessions, refunds and payment methods.
    pub secret_key: Secret,
    /// Secrets of the webhook endpoint, `whsec_…`: two while one replaces the other.
    pub webhook_secrets: Vec<Secret>,
    /// Where customers go who named no page of their own.
    pub return_url: String,
    /// Whether means of payment are offered whose money comes days later.
    pub delayed: bool,
    /// How long to wait for one answer, all tries together.
    pub answer_within: Duration,
    /// Most further tries of a call that failed in passing; a timeout is not tried again.
    pub retries: usize,
    /// Pause before the first further try; it grows, and is lengthened at random.
    pub retry_pause: Duration,
}

impl StripeConfig {
    /// The real Stripe.
    pub fn new(secret_key: Secret, webhook_secrets: Vec<Secret>, return_url: impl Into<String>) -> Self {
        StripeConfig {
            api_base: API_BASE.to_owned(),
            secret_key,
            webhook_secrets,
            return_url: return_url.into(),
            delayed: false,
            answer_within: Duration::from_secs(8),
            retries: 1,
            retry_pause: Duration::from_millis(200),
        }
    }
}

/// The payment port at Stripe.
pub struct StripeGateway {
    client: Client,
    webhook_secrets: Vec<Secret>,
    return_url: String,
    delayed: bool,
}

impl fmt::Debug for StripeGateway {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StripeGateway").finish_non_exhaustive()
    }
}

impl StripeGateway {
    /// Makes nothing yet that takes time.
    pub fn new(config: StripeConfig) -> Self {
        let client = Client::new(&config);
        let StripeConfig { webhook_secrets, return_url, delayed, .. } = config;
        StripeGateway { client, webhook_secrets, return_url, delayed }
    }

    fn form(&self, request: &SessionRequest) -> Result<Form, GatewayError> {
        let amount = amounts::to_stripe(request.money)?;
        let name = format!("Order {}", request.order_id.number());
        let return_url = request.return_url.as_deref().unwrap_or(&self.return_url);
        let expires_at = page_end(request.requested_at)?;
        let mut form: Form = Vec::new();
        let mut set = |name: &str, value: &dyn fmt::Display| form.push((name.to_owned(), value.to_string()));
        set("mode", &"payment");
        set("client_reference_id", &request.order_id);
        set("line_items[0][quantity]", &1);
        set("line_items[0][price_data][currency]", &request.money.currency.code().to_ascii_lowercase());
        set("line_items[0][price_data][unit_amount]", &amount);
        set("line_items[0][price_data][product_data][name]", &name);
        set("payment_intent_data[description]", &name);
        // What is paid must be what was asked for, in the order's own currency.
        set("adaptive_pricing[enabled]", &false);
        if !self.delayed {
            for (place, method) in DELAYED_METHODS.iter().enumerate() {
                set(&format!("excluded_payment_method_types[{place}]"), method);
            }
        }
        set("success_url", &return_url);
        set("cancel_url", &return_url);
        set("expires_at", &expires_at);
        for object in ["metadata", "payment_intent_data[metadata]"] {
            set(&format!("{object}[{}]", key::ORDER), &request.order_id);
            set(&format!("{object}[{}]", key::PAYMENT), &request.payment_id);
            if request.keep_for.is_some() {
                set(&format!("{object}[{}]", key::KEEP), &"yes");
            }
        }
        if request.keep_for.is_some() {
            // Only what belongs to one of Stripe's customers can be used again.
            set("customer_creation", &"always");
            set("payment_intent_data[setup_future_usage]", &"off_session");
        }
        Ok(form)
    }

    async fn session(&self, page: &SessionRef) -> Result<CheckoutSession, GatewayError> {
        let expand = vec![("expand[]".to_owned(), "payment_intent.payment_method".to_owned())];
        let path = format!("/v1/checkout/sessions/{}", id(&page.session)?);
        Ok(self.client.get(&path, &expand).await?)
    }

    /// The page of an attempt that was opened before with other words, such as another return address. Stripe lists
    /// newest first, and none is older than its attempt.
    async fn earlier_page(&self, request: &SessionRequest) -> Result<Option<CheckoutSession>, Failure> {
        let since = request.requested_at.as_second() - CLOCK_SKEW_SECONDS;
        let query = vec![("created[gte]".to_owned(), since.to_string())];
        let ours = |session: &CheckoutSession| session.metadata.payment_id() == Some(request.payment_id);
        self.find("/v1/checkout/sessions", query, |session| &session.id, ours).await
    }

    async fn find<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        query: Form,
        id_of: impl Fn(&T) -> &String + Send,
        mut wanted: impl FnMut(&T) -> bool + Send,
    ) -> Result<Option<T>, Failure> {
        let mut after = None;
        for _ in 0..MAX_LIST_PAGES {
            let mut query = query.clone();
            query.push(("limit".to_owned(), LIST_OBJECTS.to_string()));
            query.extend(after.map(|after| ("starting_after".to_owned(), after)));
            let List { data, has_more } = self.client.get::<List<T>>(path, &query).await?;
            after = data.last().map(|last| id_of(last).clone());
            if let Some(found) = data.into_iter().find(|object| wanted(object)) {
                return Ok(Some(found));
            }
            if !has_more {
                return Ok(None);
            }
        }
        // To say that it does not exist could mean to do it twice.
        Err(Failure::unread(path))
    }

    async fn intent(&self, reference: &str, expand: Option<&str>) -> Result<PaymentIntent, Failure> {
        let query = expand.map(|field| ("expand[]".to_owned(), field.to_owned())).into_iter().collect();
        let path = format!("/v1/payment_intents/{}", id(reference)?);
        self.client.get(&path, &query).await
    }
}

#[async_trait]
impl PaymentGateway for StripeGateway {
    fn name(&self) -> &str {
        NAME
    }

    async fn open(&self, request: &SessionRequest) -> Result<OpenedSession, GatewayError> {
        let form = self.form(request)?;
        let key = format!("open-{}", request.payment_id);
        let session: CheckoutSession = match self.client.post("/v1/checkout/sessions", &form, &key).await {
            Ok(session) => session,
            Err(failure) if failure.is_other_use_of_key() => self.earlier_page(request).await?.ok_or(failure)?,
            Err(failure) => return Err(failure.into()),
        };
        // Stripe gives a page's address only while it can be paid on.
        let over = || GatewayError::Declined(format!("stripe's page of payment {} is closed", request.payment_id));
        Ok(OpenedSession { redirect_url: session.url.ok_or_else(over)?, reference: session.id })
    }

    async fn look_up(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        state_of(page, &self.session(page).await?)
    }

    async fn capture(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        self.look_up(page).await
    }

    async fn close(&self, page: &SessionRef) -> Result<SessionState, GatewayError> {
        let path = format!("/v1/checkout/sessions/{}/expire", id(&page.session)?);
        let key = format!("close-{}", page.payment_id);
        match self.client.post::<CheckoutSession>(&path, &Form::new(), &key).await {
            Ok(session) => state_of(page, &session),
            Err(failure) if failure.is_passing() => Err(failure.into()),
            // It is not open any more: paid, being paid or closed before.
            Err(failure) => match self.look_up(page).await? {
                SessionState::Open => Err(failure.into()),
                told @ (SessionState::Approved | SessionState::Processing | SessionState::Over(_)) => Ok(told),
            },
        }
    }

    async fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        now: Timestamp,
    ) -> Result<Webhook, WebhookError> {
        signature::verify(headers, body, &self.webhook_secrets, now)?;
        self.read(body).await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<Receipt, GatewayError> {
        let (object, reference) = capture(&request.payment_reference)?;
        let mut form: Form = Vec::new();
        form.push((object.to_owned(), reference.to_owned()));
        form.push(("amount".to_owned(), amounts::to_stripe(request.money)?.to_string()));
        form.push((format!("metadata[{}]", key::ORDER), request.order_id.to_string()));
        form.push((format!("metadata[{}]", key::REFUND), request.refund_id.to_string()));
        let idempotency_key = format!("refund-{}", request.refund_id);
        match self.client.post::<Refund>("/v1/refunds", &form, &idempotency_key).await {
            Ok(refund) => Ok(refund.receipt()),
            Err(failure) if failure.is_passing() => Err(failure.into()),
            // Stripe forgets keys after a day; then it may refuse the second one because the first one was made.
            Err(failure) => match self.find_refund(request).await? {
                Some(receipt) => Ok(receipt),
                None => Err(failure.into()),
            },
        }
    }

    async fn refunds(&self, of: &CaptureRef) -> Result<Vec<MadeRefund>, GatewayError> {
        let (object, reference) = capture(&of.payment_reference)?;
        let query = vec![(object.to_owned(), reference.to_owned())];
        let mut made = Vec::new();
        let gather = |refund: &Refund| {
            made.push(refund.made());
            false
        };
        self.find("/v1/refunds", query, |refund: &Refund| &refund.id, gather).await?;
        let unread = || GatewayError::Unavailable("stripe does not say how much a refund gave back".to_owned());
        made.into_iter().map(|made| made.ok_or_else(unread)).collect()
    }

    async fn forget(&self, token: &str) -> Result<(), GatewayError> {
        let path = format!("/v1/payment_methods/{}", id(token)?);
        let (detach, key) = (format!("{path}/detach"), format!("forget-{token}"));
        let failure = match self.client.post::<PaymentMethod>(&detach, &Form::new(), &key).await {
            Ok(_) => return Ok(()),
            Err(failure) if failure.is_not_found() => return Ok(()),
            Err(failure) if failure.is_passing() => return Err(failure.into()),
            Err(failure) => failure,
        };
        // Stripe refuses to detach what belongs to nobody, without a word for programs.
        let method: PaymentMethod = self.client.get(&path, &Form::new()).await?;
        if method.customer.is_none() { Ok(()) } else { Err(failure.into()) }
    }
}

/// When the page of an attempt ends: the same for every repeat.
fn page_end(requested_at: Timestamp) -> Result<i64, GatewayError> {
    let end = requested_at.checked_add(SignedDuration::from_mins(PAGE_MINUTES));
    end.map(Timestamp::as_second).map_err(|_| GatewayError::Declined("the attempt has an impossible time".to_owned()))
}

fn state_of(page: &SessionRef, session: &CheckoutSession) -> Result<SessionState, GatewayError> {
    if session.metadata.payment_id() != Some(page.payment_id) {
        return Err(GatewayError::Declined(format!("stripe's page is not that of payment {}", page.payment_id)));
    }
    let unclear = || GatewayError::Unavailable(format!("stripe does not say how payment {} stands", page.payment_id));
    session.state().ok_or_else(unclear)
}

/// The parameter by which Stripe takes the name of a capture, and the name.
fn capture(reference: &str) -> Result<(&'static str, &str), Failure> {
    let object = if reference.starts_with("pi_") { "payment_intent" } else { "charge" };
    Ok((object, id(reference)?))
}

/// A name that Stripe gave; anything else could lead a call to another path.
fn id(text: &str) -> Result<&str, Failure> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { Ok(text) } else { Err(Failure::misnamed()) }
}
