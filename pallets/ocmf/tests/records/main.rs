//! The reader against real records, and against damaged ones.

mod corpus;
mod fixture;
mod fuzz;
