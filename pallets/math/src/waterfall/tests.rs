//! The waterfall, tier by tier and at random.

#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

fn terms() -> Terms {
	Terms {
		reserve_target: 30,
		sweep: 500_000,
		lock: 1_200_000,
		om_budget: 100,
	}
}

fn project(due: [&[Money]; 4]) -> Waterfall {
	Waterfall::new(terms(), due, 40).unwrap()
}

#[test]
fn rows_should_share_in_proportion_when_there_is_too_little() {
	let mut project = project([&[10], &[], &[100, 50, 1], &[]]);
	project.receive(53).unwrap();
	let got: Vec<_> = project.rows(Tier::Interest).iter().map(|row| row.got).collect();
	assert_eq!(got, [28, 14, 1]);
	assert_eq!(project.due(Tier::Om), Ok(0));
}

#[test]
fn equity_should_get_the_residue_when_nothing_is_due() {
	let mut project = project([&[], &[], &[], &[]]);
	project.receive(50).unwrap();
	assert_eq!((project.reserve(), project.swept(), project.equity()), (30, 10, 10));
}

#[test]
fn equity_should_be_locked_when_the_cover_is_thin() {
	let mut project = project([&[], &[], &[], &[]]);
	project.test(119, 100).unwrap();
	project.receive(90).unwrap();
	assert_eq!((project.swept(), project.locked(), project.equity()), (40, 20, 0));
	project.test(120, 100).unwrap();
	assert_eq!((project.locked(), project.equity()), (0, 20));
}

#[test]
fn passed_test_should_free_nothing_when_debt_service_is_due() {
	let mut project = project([&[], &[], &[5], &[]]);
	project.test(0, 10).unwrap();
	project.receive(80).unwrap();
	project.bill(Tier::Interest, 0, 50).unwrap();
	project.test(120, 100).unwrap();
	assert_eq!(project.locked(), 5);
	project.service_due().unwrap();
	assert_eq!(
		(project.reserve(), project.locked(), project.due(Tier::Interest)),
		(0, 0, Ok(15))
	);
}

#[test]
fn passed_test_should_fill_the_reserve_before_equity() {
	let mut project = project([&[], &[], &[5], &[]]);
	project.test(0, 10).unwrap();
	project.receive(115).unwrap();
	assert_eq!((project.reserve(), project.locked()), (30, 40));
	project.bill(Tier::Interest, 0, 10).unwrap();
	project.service_due().unwrap();
	project.test(120, 100).unwrap();
	assert_eq!((project.reserve(), project.equity()), (30, 30));
}

#[test]
fn om_should_be_refused_when_it_is_above_the_budget() {
	let mut project = project([&[60], &[], &[], &[]]);
	let before = project.clone();
	assert_eq!(project.bill(Tier::Om, 0, 41), Err(Refusal::Budget));
	assert_eq!(project.bill(Tier::Om, 1, 1), Err(Refusal::NoSuchRow));
	assert_eq!(project, before);
	project.bill(Tier::Om, 0, 40).unwrap();
	assert_eq!(project.om_billed(), 100);
	assert_eq!(
		Waterfall::new(terms(), [&[101], &[], &[], &[]], 0),
		Err(Refusal::Budget)
	);
}

#[test]
fn extremes_should_be_refused_when_they_do_not_fit() {
	let mut project = project([&[], &[Money::MAX], &[], &[]]);
	assert_eq!(project.bill(Tier::Fees, 0, 1), Err(Refusal::Overflow));
	project.receive(Money::MAX).unwrap();
	assert_eq!(project.receive(1), Err(Refusal::Overflow));
	let unfit = Waterfall::new(terms(), [&[], &[Money::MAX, 1], &[], &[]], 0);
	assert_eq!(unfit, Err(Refusal::Overflow));
}

#[derive(Clone, Debug)]
enum Op {
	Receive(u32),
	Bill(Tier, u32, u16),
	Service,
	Test(u16, u16),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
	let tier = prop::sample::select(Tier::ALL.to_vec());
	prop::collection::vec(
		prop_oneof![
			(0..3_000u32).prop_map(Op::Receive),
			(tier, 0..4u32, 0..500u16).prop_map(|(tier, row, amount)| Op::Bill(tier, row, amount)),
			Just(Op::Service),
			(0..2_000u16, 0..1_500u16).prop_map(|(cash_flow, service)| Op::Test(cash_flow, service)),
		],
		0..60,
	)
}

proptest! {
	#[test]
	fn tiers_should_add_up_to_the_inflow_and_stay_in_order(ops in ops()) {
		let mut project = project([&[10, 20], &[3], &[100, 50, 1], &[1_000, 500]]);
		for op in ops {
			let before = project.clone();
			match op {
				Op::Receive(amount) => {
					project.receive(amount.into()).unwrap();
					let due: Vec<_> = Tier::ALL.iter().map(|tier| project.due(*tier).unwrap()).collect();
					// A tier was paid only if nothing above it stayed due.
					for (position, tier) in Tier::ALL.iter().enumerate() {
						if project.due(*tier) != before.due(*tier) {
							prop_assert!(due[..position].iter().all(|due| *due == 0));
						}
					}
					prop_assert!(project.equity() == before.equity() || due[2..] == [0, 0]);
				},
				Op::Bill(tier, row, amount) => {
					if project.bill(tier, row, amount.into()).is_err() {
						prop_assert_eq!(&project, &before);
					}
				},
				Op::Service => project.service_due().unwrap(),
				Op::Test(cash_flow, service) => project.test(cash_flow.into(), service.into()).unwrap(),
			}
			prop_assert!(project.is_consistent());
		}
	}
}
