//! What every client of a Baseload node shares.
//!
//! * [`Chain`]: a connection; [`Chain::best`] and [`Chain::finalized`] give a block to read at ([`At`]).
//! * [`calls`]: one typed constructor per call. Arguments are SCALE-encoded from the types of `baseload-primitives`;
//!   names are looked up in the chain's own metadata, so there is no generated code and no metadata file to go stale.
//! * [`Chain::submit`] signs a call and follows it into a block, [`Chain::submit_feeless`] does the same for the calls that
//!   need no account (meter readings). Both say in plain words why a transaction was refused or failed: [`Error`].
//! * [`keys`]: account keys and device keys, from files that only their owner can read.
//! * [`device`]: how people write and read device keys and signatures.
//! * [`files`]: how readings, evidence and vouchers stand in files.
//! * [`agreements`]: power purchase agreements as people write them, and what the chain says about them.
//! * [`units`]: how people write and read amounts, energy, prices, dates and durations.
//! * [`written`]: such texts as values of files that serde reads.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use baseload_client::{calls, keys::Key, units, Chain, Wait};
//!
//! let chain = Chain::connect("ws://127.0.0.1:9944").await?;
//! let alice = Key::dev("Alice")?;
//! let bob = Key::dev("Bob")?.account();
//! let receipt = chain.submit(&calls::transfer_kwh(bob, units::parse_kwh("1.5 KWH")?), &alice, Wait::Finalized).await?;
//! println!("in block {}", receipt.block_number);
//! println!("{:?}", chain.finalized().await?.kwh(&bob).await?);
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod agreements;
mod at;
mod backing;
mod call;
pub mod calls;
mod chain;
pub mod device;
mod error;
pub mod files;
pub mod keys;
mod market;
mod motions;
pub mod problem;
mod reads;
mod receipt;
mod records;
mod redemption;
mod submit;
pub mod units;
pub mod written;

pub use agreements::AgreementView;
pub use at::At;
pub use backing::{RedemptionView, TokenInfo, VaultView, RESERVE_TOKEN};
pub use call::{Argument, Call};
pub use chain::{Chain, ChainType, FinalBlocks, NewBlocks};
pub use error::{Error, Failure, Refused};
pub use market::UnconfirmedPrice;
pub use motions::Motion;
pub use reads::{CommitteeView, DisputeView, Holding, MeterView, SiteView, Unbonding, ValidatorView};
pub use receipt::{Event, Receipt};
pub use records::{AcceptedReading, CommitteeRecord, DisputeRecord, HoldRecord, MeterRecord, WaitingReading};
pub use redemption::{received, Redemption};
pub use submit::{Progress, Wait};

/// The clauses and the arithmetic of agreements.
pub use baseload_math::billing;
/// The types that calls and reads are made of.
pub use baseload_primitives as primitives;
/// A 256-bit hash.
pub use sp_core::H256;
/// An account: 32 bytes, written in SS58 form.
pub use subxt::utils::AccountId32 as AccountId;
/// An account's signature, of any kind of account key.
pub use subxt::utils::MultiSignature as AccountSignature;

/// A result of this library.
pub type Result<T> = core::result::Result<T, Error>;
