//! A messenger that remembers what it sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use oms_app::ports::{Message, Messenger, SendError};

/// What goes wrong with one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessengerFault {
    /// It is not sent; worth trying again.
    Transient,
    /// It is refused for good.
    Permanent,
    /// It is sent, and the answer is lost.
    LostAcknowledgement,
}

#[derive(Debug, Default)]
struct Sent {
    messages: Vec<Message>,
    faults: VecDeque<MessengerFault>,
}

/// Sends into memory. Clones share the outbox.
#[derive(Debug, Clone, Default)]
pub struct MemoryMessenger(Arc<Mutex<Sent>>);

impl MemoryMessenger {
    /// An empty outbox.
    pub fn new() -> Self {
        MemoryMessenger::default()
    }

    /// The next message fails like this.
    pub fn fail_next(&self, fault: MessengerFault) {
        self.0.lock().unwrap().faults.push_back(fault);
    }

    /// What the customer got, in order.
    pub fn sent(&self) -> Vec<Message> {
        self.0.lock().unwrap().messages.clone()
    }
}

#[async_trait]
impl Messenger for MemoryMessenger {
    async fn send(&self, message: &Message) -> Result<(), SendError> {
        let mut sent = self.0.lock().unwrap();
        let told = || "a fault that the test asked for".to_owned();
        match sent.faults.pop_front() {
            Some(MessengerFault::Transient) => Err(SendError::Transient(told())),
            Some(MessengerFault::Permanent) => Err(SendError::Permanent(told())),
            Some(MessengerFault::LostAcknowledgement) => {
                sent.messages.push(message.clone());
                Err(SendError::Transient(told()))
            }
            None => {
                sent.messages.push(message.clone());
                Ok(())
            }
        }
    }
}
