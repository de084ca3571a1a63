//! Stories, planted mistakes, and the queues of the template.

mod stories;
mod teeth;
mod template;
