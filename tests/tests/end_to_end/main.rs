//! Real node processes, real programs, real signatures. All tests are one program, so that they run side by side: mostly they wait
//! for blocks.

mod agreements;
mod bad_input;
mod gateway_attest;
mod gateway_change;
mod gateway_feed;
mod gateway_kill;
mod gateway_ocmf;
mod gateway_operate;
mod gateway_records;
mod meters;
mod operators;
mod people;
mod plant_day;
mod pool;
mod prices;
mod redeem;
mod stablecoin;
mod wallet;
