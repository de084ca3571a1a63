//! The tables as data. A test compares them with `template.yaml`, so that tests run on what is deployed.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection as SdkProjection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
};

/// A key; both attributes are texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyDefinition {
    /// Partition key.
    pub hash: &'static str,
    /// Sort key.
    pub range: &'static str,
}

/// What an index repeats beside the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Projection {
    KeysOnly,
    /// These attributes.
    Include(&'static [&'static str]),
}

/// A global secondary index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexDefinition {
    pub name: &'static str,
    /// Its key.
    pub key: KeyDefinition,
    /// What it holds.
    pub projection: Projection,
}

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableDefinition {
    /// Its name in tests.
    pub name: &'static str,
    /// Its key.
    pub key: KeyDefinition,
    /// Its indexes.
    pub indexes: &'static [IndexDefinition],
    /// The attribute by which items expire.
    pub expires: &'static str,
    /// Whether new images go to a stream.
    pub streamed: bool,
}

/// Orders with all that belongs to them.
pub const ORDERS: TableDefinition = TableDefinition {
    name: "orders",
    key: KeyDefinition { hash: "pk", range: "sk" },
    indexes: &[
        IndexDefinition {
            name: "by_customer",
            key: KeyDefinition { hash: "customer", range: "created" },
            projection: Projection::Include(&["summary", "status"]),
        },
        IndexDefinition {
            name: "by_status",
            key: KeyDefinition { hash: "status", range: "created" },
            projection: Projection::Include(&["summary", "customer"]),
        },
        IndexDefinition {
            name: "by_number",
            key: KeyDefinition { hash: "number", range: "pk" },
            projection: Projection::KeysOnly,
        },
        IndexDefinition {
            name: "due",
            key: KeyDefinition { hash: "due", range: "due_at" },
            projection: Projection::KeysOnly,
        },
        IndexDefinition {
            name: "by_shipment",
            key: KeyDefinition { hash: "shipments", range: "moved" },
            projection: Projection::Include(&["location", "seller", "carriers", "body"]),
        },
    ],
    expires: "expires_at",
    streamed: true,
};

/// Products, stock and rates.
pub const CATALOG: TableDefinition = TableDefinition {
    name: "catalog",
    key: KeyDefinition { hash: "pk", range: "sk" },
    indexes: &[IndexDefinition {
        name: "listing",
        key: KeyDefinition { hash: "list", range: "list_key" },
        projection: Projection::KeysOnly,
    }],
    expires: "expires_at",
    streamed: true,
};

impl KeyDefinition {
    fn schema(self) -> Vec<KeySchemaElement> {
        let part = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
        vec![part(self.hash, KeyType::Hash), part(self.range, KeyType::Range)]
    }
}

impl IndexDefinition {
    fn sdk(&self) -> GlobalSecondaryIndex {
        let projection = match self.projection {
            Projection::KeysOnly => SdkProjection::builder().projection_type(ProjectionType::KeysOnly),
            Projection::Include(names) => SdkProjection::builder()
                .projection_type(ProjectionType::Include)
                .set_non_key_attributes(Some(names.iter().map(|name| (*name).to_owned()).collect())),
        };
        let index = GlobalSecondaryIndex::builder().index_name(self.name);
        index.set_key_schema(Some(self.key.schema())).projection(projection.build()).build().unwrap()
    }
}

impl TableDefinition {
    /// Every attribute that is a key somewhere, each once.
    pub fn key_attributes(&self) -> Vec<&'static str> {
        let keys = std::iter::once(self.key).chain(self.indexes.iter().map(|index| index.key));
        let mut names: Vec<_> = keys.flat_map(|key| [key.hash, key.range]).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Creates the table.
    pub async fn create(&self, client: &Client) {
        let attribute = |name: &&str| {
            let kind = ScalarAttributeType::S;
            AttributeDefinition::builder().attribute_name(*name).attribute_type(kind).build().unwrap()
        };
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewImage)
            .build()
            .unwrap();
        client
            .create_table()
            .table_name(self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(self.key_attributes().iter().map(attribute).collect()))
            .set_key_schema(Some(self.key.schema()))
            .set_global_secondary_indexes(Some(self.indexes.iter().map(IndexDefinition::sdk).collect()))
            .set_stream_specification(self.streamed.then_some(stream))
            .send()
            .await
            .expect("the table is created");
        let expiry = TimeToLiveSpecification::builder().attribute_name(self.expires).enabled(true).build().unwrap();
        let call = client.update_time_to_live().table_name(self.name).time_to_live_specification(expiry);
        call.send().await.expect("items expire");
    }
}
