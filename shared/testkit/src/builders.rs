//! Realistic values in a few words: everything has a default, and a test says only what it is about.

use std::collections::BTreeMap;

use jiff::Timestamp;
use oms_app::ports::{
    CartClaim, CartPolicy, CommandEntry, CommandKey, CommandRecord, Commit, Companion, Rates, RequestFingerprint,
    Setting, SettingChange, SettingRecord, Settings,
};
use oms_domain::actor::{Actor, Caller};
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::Stock;
use oms_domain::fulfilment::Location;
use oms_domain::fulfilment::locations::{LocationTable, Origin};
use oms_domain::fulfilment::parcel::Measures;
use oms_domain::fulfilment::shop::{Automation, LabelRule, ShopTable};
use oms_domain::ids::{OrderId, ProductId, SellerId, UserId};
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::ordering::address::{Address, Contact, Destination, Details, Person};
use oms_domain::ordering::{Change, Command, Decision, Line, NewOrder, Order, Provenance, Wishes, create, decide};
use oms_domain::pricing::carrier_rate::CarrierRate;
use oms_domain::pricing::promotion::{Benefit, Promotion, PromotionTable};
use oms_domain::pricing::shipping::{ShippingMethod, ShippingTable};
use oms_domain::pricing::{self, STANDARD_TAX_CLASS, TaxTable, Totals};
use oms_domain::signed_link::KeyRing;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::time::start;

/// The currency of most tests.
pub fn eur() -> Currency {
    "EUR".parse().unwrap()
}

/// So many cents.
pub fn cents(minor_units: i64) -> Money {
    Money::new(Amount::from_minor(minor_units), eur())
}

/// A user whose id has the form and length that identity providers use, the same for the same name.
pub fn user(name: &str) -> UserId {
    OrderId::from_key(&"testkit".parse().unwrap(), name).to_string().parse().unwrap()
}

/// The seller of all products that name no other.
pub fn seller() -> SellerId {
    "seller-north".parse().unwrap()
}

/// A buyer.
pub fn customer(name: &str) -> Caller {
    Caller::Customer(user(name))
}

/// Somebody who works for [`seller`].
pub fn seller_caller(name: &str) -> Caller {
    Caller::Seller { user: user(name), seller: seller() }
}

/// Somebody who works for the shop.
pub fn admin() -> Caller {
    Caller::Admin(user("admin"))
}

/// The `number`th order of a test.
pub fn order_id(number: u64) -> OrderId {
    OrderId::new(numbered(0x0190_a5b0_7c3e_7000, number))
}

/// The `number`th product of a test.
pub fn product_id(number: u64) -> ProductId {
    ProductId::new(numbered(0x0190_0000_0000_7000, number))
}

fn numbered(high: u64, number: u64) -> Uuid {
    Uuid::from_u64_pair(high, 0x8000_0000_0000_0000 | number)
}

/// Ada in Berlin, with e-mail and phone.
pub fn a_person() -> Person {
    let address = Address {
        recipient_name: "Ada Lovelace".into(),
        street_address: "Unter den Linden 1".into(),
        city: "Berlin".into(),
        state: None,
        postal_code: Some("10117".into()),
        country: "DE".into(),
        ..Address::default()
    };
    let address = address.checked().unwrap();
    let contact = Contact {
        name: "Ada Lovelace".into(),
        email: "ada.lovelace@example.com".into(),
        phone: Some("+491701234567".into()),
    };
    let contact = contact.checked().unwrap();
    let details = Details::default();
    let words = BTreeMap::new();
    Person { contact, shipping_address: address.clone(), billing_address: address, details, words }
}

/// The keys of signed links in tests.
pub fn link_keys() -> KeyRing {
    KeyRing::read("a-key-that-only-tests-have-and-nobody-else").unwrap()
}

/// Germany 19 % (reduced 7 %); `standard` for 4.90 EUR or 5.90 USD everywhere, `express` for 9.90 EUR to Germany.
pub fn rates() -> Rates {
    let classes = [(STANDARD_TAX_CLASS, Decimal::new(19, 2)), ("reduced", Decimal::new(7, 2))];
    let classes: BTreeMap<String, Decimal> = classes.map(|(class, rate)| (class.to_owned(), rate)).into();
    let price = |currency: &str, minor| (currency.to_owned(), Amount::from_minor(minor));
    let standard = a_method("standard", "Standard", Vec::new(), [price("EUR", 490), price("USD", 590)].into());
    let express = a_method("express", "Express", vec!["DE".into()], [price("EUR", 990)].into());
    Rates {
        taxes: TaxTable { rates: [("DE".to_owned(), classes)].into(), ..TaxTable::default() },
        shipping: ShippingTable { methods: vec![standard, express], dispatch: None },
        promotions: PromotionTable::default(),
    }
}

fn a_method(code: &str, name: &str, countries: Vec<String>, prices: BTreeMap<String, Amount>) -> ShippingMethod {
    ShippingMethod {
        code: code.into(),
        name: name.into(),
        countries,
        zones: Vec::new(),
        except: Vec::new(),
        prices,
        brackets: Vec::new(),
        max_weight_grams: None,
        free_from: BTreeMap::new(),
        working_days: None,
        carrier_rate: None,
    }
}

/// A code for 10 % off every order, without limits.
pub fn a_promotion(code: &str) -> Promotion {
    Promotion {
        code: code.into(),
        automatic: false,
        benefit: Benefit::Percentage { rate: Decimal::new(10, 2) },
        currency: None,
        minimum: Amount::ZERO,
        starts_at: None,
        ends_at: None,
        max_uses: None,
        max_uses_per_customer: None,
        maximum: None,
        shipping_methods: Vec::new(),
        products: Vec::new(),
        categories: Vec::new(),
        exclusive: false,
        active: true,
    }
}

/// The usual rates with these promotions.
pub fn rates_with(promotions: Vec<Promotion>) -> Rates {
    Rates { promotions: PromotionTable { promotions }, ..rates() }
}

/// The circumstances of most events: Ada's request.
pub fn provenance(at: Timestamp) -> Provenance {
    Provenance { at, actor: customer("ada").actor(), correlation_id: "1-65a1b2c3-0123456789abcdef01234567".into() }
}

/// Circumstances in which somebody else acts.
pub fn provenance_of(actor: Actor, at: Timestamp) -> Provenance {
    Provenance { actor, ..provenance(at) }
}

/// Begins a product: 19.90 EUR, 50 units, active, sold everywhere.
pub fn a_product(number: u64) -> ProductBuilder {
    ProductBuilder(Product {
        id: product_id(number),
        sku: format!("MUG-{number:08}"),
        name: format!("Stoneware mug, blue, no. {number}"),
        category: "kitchen".into(),
        seller_id: seller(),
        price: Amount::from_minor(1990),
        currency: eur(),
        currency_since: None,
        tax_class: STANDARD_TAX_CLASS.into(),
        active: true,
        regions: Vec::new(),
        stock: Stock::received(50),
        version: 1,
        weight_grams: 400,
        low_stock_threshold: None,
        max_per_order: None,
        hot: false,
    })
}

/// See [`a_product`].
#[derive(Debug, Clone)]
pub struct ProductBuilder(Product);

impl ProductBuilder {
    /// What customers call it.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.0.name);
        self
    }

    /// Price of a unit in cents.
    #[must_use]
    pub fn priced(mut self, minor_units: i64) -> Self {
        self.0.price = Amount::from_minor(minor_units);
        self
    }

    /// How many there are.
    #[must_use]
    pub fn stocked(mut self, units: u32) -> Self {
        self.0.stock = Stock::received(units);
        self
    }

    /// Wanted by many at once.
    #[must_use]
    pub fn hot(mut self) -> Self {
        self.0.hot = true;
        self
    }

    /// At how many available units administrators are told.
    #[must_use]
    pub fn low_at(mut self, units: u32) -> Self {
        self.0.low_stock_threshold = Some(units);
        self
    }

    /// Most units in one order.
    #[must_use]
    pub fn at_most(mut self, units: u32) -> Self {
        self.0.max_per_order = Some(units);
        self
    }

    /// Its category.
    #[must_use]
    pub fn in_category(mut self, category: &str) -> Self {
        category.clone_into(&mut self.0.category);
        self
    }

    #[must_use]
    pub fn sold_by(mut self, seller: &str) -> Self {
        self.0.seller_id = seller.parse().unwrap();
        self
    }

    /// Where it is sold.
    #[must_use]
    pub fn sold_to(mut self, countries: &[&str]) -> Self {
        self.0.regions = countries.iter().map(|country| (*country).to_owned()).collect();
        self
    }

    /// No longer sold.
    #[must_use]
    pub fn discontinued(mut self) -> Self {
        self.0.active = false;
        self
    }

    /// Done.
    pub fn build(self) -> Product {
        self.0
    }
}

/// Begins an order: Ada's, submitted at [`start`], one unit of product 1 unless lines are given.
pub fn an_order(number: u64) -> OrderBuilder {
    OrderBuilder {
        id: order_id(number),
        user: user("ada"),
        at: start(),
        draft: false,
        lines: Vec::new(),
        request: None,
        command: None,
        cart: None,
    }
}

/// See [`an_order`].
#[derive(Debug, Clone)]
pub struct OrderBuilder {
    id: OrderId,
    user: UserId,
    at: Timestamp,
    draft: bool,
    lines: Vec<(Product, u32)>,
    request: Option<String>,
    command: Option<(CommandKey, CommandRecord)>,
    cart: Option<(String, CartPolicy)>,
}

impl OrderBuilder {
    /// Whose it is, by name.
    #[must_use]
    pub fn by(mut self, name: &str) -> Self {
        self.user = user(name);
        self
    }

    /// When it is created.
    #[must_use]
    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = at;
        self
    }

    /// Adds a line.
    #[must_use]
    pub fn of(mut self, product: &Product, quantity: u32) -> Self {
        self.lines.push((product.clone(), quantity));
        self
    }

    /// Create only.
    #[must_use]
    pub fn draft(mut self) -> Self {
        self.draft = true;
        self
    }

    /// Fingerprint of the creating request.
    #[must_use]
    pub fn requested_as(mut self, fingerprint: &str) -> Self {
        self.request = Some(fingerprint.to_owned());
        self
    }

    /// Remembers a command with the creation.
    #[must_use]
    pub fn remembering(mut self, key: &str, record: CommandRecord) -> Self {
        self.command = Some((CommandKey(key.to_owned()), record));
        self
    }

    /// Claims a cart until the hold ends.
    #[must_use]
    pub fn claiming(mut self, cart: &str, policy: CartPolicy) -> Self {
        self.cart = Some((cart.to_owned(), policy));
        self
    }

    /// What the order is made of, priced by [`rates`].
    pub fn new_order(&self) -> NewOrder {
        let lines = if self.lines.is_empty() { vec![(a_product(1).build(), 1)] } else { self.lines.clone() };
        let destination = Destination::somewhere_in("DE".into());
        let items: Vec<pricing::Item<'_>> = lines
            .iter()
            .map(|(product, quantity)| pricing::Item {
                quantity: *quantity,
                price: product.price,
                discount: Amount::ZERO,
                tax_class: &product.tax_class,
            })
            .collect();
        let shipping = Amount::from_minor(490);
        let taxes = rates().taxes.assess(&items, shipping, &destination);
        let totals = Totals::of(&items, shipping, &taxes);
        let numbered = (1_u16..).zip(&lines).zip(&taxes.lines);
        let lines = numbered.map(|((line, (product, quantity)), tax)| a_line(line, product, *quantity, *tax)).collect();
        NewOrder {
            user_id: self.user.clone(),
            currency: eur(),
            destination,
            shipping_method: "standard".into(),
            delivery: None,
            lines,
            totals,
            promotions: Vec::new(),
            uses: Vec::new(),
            return_terms: None,
            wishes: Wishes::default(),
            draft: self.draft,
        }
    }

    /// The change that creates it.
    pub fn change(&self) -> Change {
        let actor = Caller::Customer(self.user.clone()).actor();
        let events = create(self.new_order(), self.at);
        Change::new(self.id, None, events, &provenance_of(actor, self.at)).unwrap()
    }

    /// The order as it stands once created.
    pub fn order(&self) -> Order {
        self.change().order
    }

    /// All that is written to create it, with [`a_person`].
    pub fn commit(&self) -> Commit {
        let cart = self.cart.clone().map(|(cart, policy)| CartClaim {
            user_id: self.user.clone(),
            cart,
            policy,
            expires_at: Command::hold_until(self.at),
        });
        let command = self.command.clone().map(|(key, record)| CommandEntry { key, record });
        let request = self.request.clone().map(RequestFingerprint);
        Commit::of(self.change())
            .with(Companion::Person(a_person()))
            .with_all(request.map(Companion::Request))
            .with_all(command.map(Companion::Command))
            .with_all(cart.map(Companion::Cart))
    }
}

fn a_line(line: u16, product: &Product, quantity: u32, tax: Amount) -> Line {
    Line {
        line,
        product_id: product.id,
        sku: product.sku.clone(),
        name: product.name.clone(),
        seller_id: product.seller_id.clone(),
        quantity,
        price: product.price,
        discount: Amount::ZERO,
        tax,
        shipped: 0,
        returned: 0,
        refunded: 0,
        withdrawn: 0,
        lost: 0,
        removed: 0,
        sold: None,
    }
}

/// What `command` makes of `order` at `at`; panics if it is refused or was applied before.
pub fn changed(order: &Order, command: Command, at: Timestamp) -> Change {
    match decide(order, command, at) {
        Ok(Decision::Happens(events)) => Change::new(order.id, Some(order), events, &provenance(at)).unwrap(),
        other => panic!("expected events, got {other:?}"),
    }
}

/// What was done under a key, remembered for a day.
pub fn a_record(request: &str, outcome: &str, now: Timestamp) -> CommandRecord {
    let expires_at = now + jiff::SignedDuration::from_hours(24);
    CommandRecord { request: request.to_owned(), outcome: outcome.to_owned(), expires_at }
}

/// What the box of [`a_carried_method`] weighs, in grams.
pub const BOX_GRAMS: u32 = 200;

/// A shipping method to everywhere, at 6.90 EUR unless the carrier tells its own price.
pub fn a_carried_method(code: &str, carrier: &str, service: &str) -> ShippingMethod {
    let empty = Measures { weight_grams: BOX_GRAMS, length_mm: 300, width_mm: 200, height_mm: 100 };
    let carrier_rate = Some(CarrierRate { carrier: carrier.to_owned(), service: service.to_owned(), empty });
    let prices = [("EUR".to_owned(), Amount::from_minor(690))].into();
    ShippingMethod { carrier_rate, ..a_method(code, code, Vec::new(), prices) }
}

/// The shop's only location.
pub fn locations() -> LocationTable {
    let address = Address {
        recipient_name: "Warehouse".into(),
        street_address: "Am Sandtorkai 30".into(),
        city: "Hamburg".into(),
        postal_code: Some("20457".into()),
        country: "DE".into(),
        ..Address::default()
    };
    let (address, code) = (address.checked().unwrap(), Location::main());
    let (phone, email) = (Some("+4940300000".to_owned()), None);
    LocationTable { locations: vec![Origin { code, address, phone, email, time_zone: "Europe/Berlin".into() }] }
}

/// Sets up the shop's only location, so that labels have a sender.
pub async fn set_up_locations(settings: &dyn Settings, at: Timestamp) {
    set_up(settings, Setting::Locations(locations()), at).await;
}

/// Makes a table say this, as an admin does.
pub async fn set_up(settings: &dyn Settings, setting: Setting, at: Timestamp) {
    let before = settings.current(setting.table()).await.unwrap();
    let after = before.next(setting, at);
    let record = SettingRecord {
        id: Uuid::from_u128(0x10c + u128::from(after.version)),
        version: after.version,
        actor: Actor::system("set up"),
        at,
        correlation_id: "set up".to_owned(),
        effective_from: after.effective_from,
    };
    settings.change(&SettingChange { before, after, record }).await.unwrap();
}

/// A shop that begins what is paid for, and buys labels for what goes this way.
pub fn automatic_shop(shipping_method: &str, carrier: &str) -> ShopTable {
    let empty = Measures { weight_grams: 200, length_mm: 300, width_mm: 200, height_mm: 150 };
    let (shipping_method, carrier, service) = (shipping_method.to_owned(), carrier.to_owned(), "standard".to_owned());
    let labels = vec![LabelRule { shipping_method, carrier, service, empty }];
    ShopTable { processing: Automation::Automatic, labels, ..ShopTable::default() }
}
