//! Agreements as people write them.
//!
//! An agreement is a TOML file with one section a clause, in human units; [`AgreementFile`] reads it strictly and makes of it what
//! the chain has. [`TEMPLATES`] are files to begin with.

mod file;
mod reads;
mod schema;
mod templates;
mod values;

pub use file::AgreementFile;
pub use reads::AgreementView;
pub use schema::Attestors;
pub use templates::{template, Template, TEMPLATES};
pub use values::{Kwh, Share};
