//! Random stories over several agreements, on the chain and in a naive model of their own.
//!
//! The model knows only what parties did and what was read and observed when. It plays each agreement in one go, when somebody
//! does something and at the end, while the chain is settled at random times, by anyone or by itself. It finds boundaries,
//! indexes and shares by going through whole lists, and counts everybody's money by itself.

use baseload_math::billing::{
	agreement::Ending,
	clauses::MAX_NAMEPLATE,
	terms::{Excess, NegativeIndex, Operation, Volume},
	DeclaredAs, Input,
};
use baseload_primitives::{Amendment, MeterId, Side};
use proptest::prelude::*;

use super::{model::World, *};
use crate::Feeds;

/// The meter of agreements that wait for operation.
pub const PLANT: MeterId = MeterId(20);

/// The count that proves its operation.
const PROVEN_AT: u64 = 1_200;

/// What an agreement is made of.
#[derive(Clone, Debug)]
pub struct Clauses {
	pub tariff: u8,
	pub price: Price,
	pub escalator: i32,
	pub months: u32,
	pub start: u32,
	pub operation: bool,
	pub take: Take,
	pub volume: u8,
	pub estimates: u32,
	pub late_rate: u64,
	pub security: u32,
	pub cuts: (Balance, u32, u32),
	pub ghost: bool,
	pub other_meter: bool,
	pub huge: bool,
}

#[derive(Clone, Debug)]
pub enum Op {
	/// Proposes, accepts, funds and activates.
	Agree(Clauses, Balance),
	/// Pays into escrow, security or bond.
	PayIn(usize, u8, Balance),
	Withdraw(usize, Balance),
	Dispute(usize, u32, Balance),
	Resolve(usize, u32, u32),
	Declare(usize, bool, u32, u64),
	Suspend(usize),
	Resume(usize),
	Terminate(usize, u8),
	/// Both parties, and the lender, agree to a new price, new expected energy or a new quantity.
	Reprice(usize, Price),
	Expect(usize, u64),
	Requantify(usize, u64),
	/// A new payee, at once.
	Redirect(usize),
	/// Proposes, accepts and funds what is then given up, by both or because its time is over.
	GiveUp(Clauses, Balance, bool),
	Assign(usize),
	Notify(usize, Side),
	StepIn(usize),
	Discharge(usize),
	/// Tells the lender, which may step in, and ends it when its time is over, or a moment before.
	Press(usize, Side, bool, bool),
	/// All meters are read: how much each rose by, and how long ago. A reading that was disputed is final only later.
	Read([u64; 3], u64),
	/// The feed shows something, and is sampled.
	Observe(Price),
	Publish(u32, Price),
	Fix(usize),
	Settle(usize, u32),
	Idle,
	Pass(u64),
	Halt(u64),
	Serve(u32),
	SetDebt(Balance),
	Claim(usize),
	GiveGhost(Balance),
	Donate(usize, Balance),
}

fn clauses() -> impl Strategy<Value = Clauses> {
	let take = prop_oneof![
		(1..=4u32).prop_map(|quarters| Take::Percent(quarters * 250_000)),
		(0..800u64).prop_map(Take::Priority),
	];
	let money = (0..20u128, 0..=200_000u32, prop_oneof![Just(0), 0..=1_000_000u32]);
	let times = (1..14u32, 0..3u32, prop_oneof![4 => Just(false), 1 => Just(true)]);
	let rest = (
		0..4u32,
		prop_oneof![Just(0u64), Just(90_000_000_000_000_000)],
		0..3u32,
		any::<bool>(),
		any::<bool>(),
		prop_oneof![4 => Just(false), 1 => Just(true)],
	);
	(
		(0..5u8, 0..3 * UNIT, -50_000..50_000i32),
		times,
		take,
		0..4u8,
		money,
		rest,
	)
		.prop_map(
			|((tariff, price, escalator), (months, start, operation), take, volume, cuts, rest)| Clauses {
				tariff,
				price,
				escalator,
				months,
				start,
				operation,
				take,
				volume,
				estimates: rest.0,
				late_rate: rest.1,
				security: rest.2,
				cuts,
				ghost: rest.3,
				other_meter: rest.4,
				huge: rest.5,
			},
		)
}

fn op() -> impl Strategy<Value = Op> {
	let which = || 0..4usize;
	let amount = || prop_oneof![1..2_000u128, 1..50u128];
	let energy = || prop_oneof![4 => 0..500u64, 1 => any::<u64>(), 1 => Just(u64::MAX)];
	let side = prop_oneof![Just(Side::Seller), Just(Side::Buyer)];
	prop_oneof![
		2 => (clauses(), 0..4_000u128).prop_map(|(clauses, escrow)| Op::Agree(clauses, escrow)),
		6 => (which(), 0..3u8, amount()).prop_map(|(which, bucket, amount)| Op::PayIn(which, bucket, amount)),
		2 => (which(), amount()).prop_map(|(which, amount)| Op::Withdraw(which, amount)),
		3 => (which(), 0..8u32, amount()).prop_map(|(which, bill, amount)| Op::Dispute(which, bill, amount)),
		2 => (which(), 0..8u32, 0..=1_000_000u32).prop_map(|(which, bill, share)| Op::Resolve(which, bill, share)),
		2 => (which(), any::<bool>(), 0..12u32, energy()).prop_map(|(which, deemed, period, wh)| Op::Declare(
			which, deemed, period, wh
		)),
		1 => which().prop_map(Op::Suspend),
		1 => which().prop_map(Op::Resume),
		1 => (which(), 0..4u8).prop_map(|(which, ending)| Op::Terminate(which, ending)),
		1 => (which(), 0..3 * UNIT).prop_map(|(which, price)| Op::Reprice(which, price)),
		1 => (which(), 0..1_000u64).prop_map(|(which, expected)| Op::Expect(which, expected)),
		1 => (which(), 0..9_000u64).prop_map(|(which, quantity)| Op::Requantify(which, quantity)),
		1 => which().prop_map(Op::Redirect),
		1 => (clauses(), 0..4_000u128, any::<bool>()).prop_map(|(clauses, escrow, both)| Op::GiveUp(
			clauses, escrow, both
		)),
		4 => which().prop_map(Op::Assign),
		3 => (which(), side.clone()).prop_map(|(which, side)| Op::Notify(which, side)),
		2 => which().prop_map(Op::StepIn),
		1 => which().prop_map(Op::Discharge),
		8 => (which(), side, any::<bool>(), any::<bool>())
			.prop_map(|(which, side, steps_in, early)| Op::Press(which, side, steps_in, early)),
		12 => ([0..900u64, 0..900, 0..900], prop_oneof![3 => Just(0), 1 => 0..9 * DAY])
			.prop_map(|(rises, ago)| Op::Read(rises, ago)),
		5 => (-UNIT..3 * UNIT).prop_map(Op::Observe),
		2 => (0..20u32, -UNIT..3 * UNIT).prop_map(|(period, value)| Op::Publish(period, value)),
		2 => which().prop_map(Op::Fix),
		12 => (which(), 1..9u32).prop_map(|(which, steps)| Op::Settle(which, steps)),
		3 => Just(Op::Idle),
		20 => prop_oneof![1 => 0..3 * DAY, 4 => 0..33 * DAY, 1 => 1..1_000u64].prop_map(Op::Pass),
		1 => (0..20 * DAY).prop_map(Op::Halt),
		1 => (0..4u32).prop_map(Op::Serve),
		1 => amount().prop_map(Op::SetDebt),
		2 => which().prop_map(Op::Claim),
		1 => (ED..3 * ED).prop_map(Op::GiveGhost),
		1 => (which(), amount()).prop_map(|(which, amount)| Op::Donate(which, amount)),
	]
}

/// Two agreements, and then anything.
fn story() -> impl Strategy<Value = Vec<Op>> {
	let opening = prop::collection::vec((clauses(), 0..4_000u128), 2);
	let opening = opening.prop_map(|all| all.into_iter().map(|(clauses, escrow)| Op::Agree(clauses, escrow)));
	(opening, prop::collection::vec(op(), 60..160)).prop_map(|(opening, rest)| opening.chain(rest).collect())
}

/// The contract that clauses make.
pub fn contract_of(clauses: &Clauses) -> Contract<AccountId> {
	let mut terms = terms();
	let price = clauses.price;
	terms.tariff = match clauses.tariff {
		0 | 1 => Tariff::Fixed {
			prices: prices(&[price]),
		},
		2 => {
			terms.registers = vec![2, 3].try_into().expect("two");
			Tariff::Fixed {
				prices: prices(&[price, price / 2]),
			}
		}
		3 => Tariff::Indexed {
			base: price / 4,
			slope: UNIT / 2,
			floor: 0,
			cap: 2 * UNIT,
			index0: UNIT,
		},
		_ => Tariff::Cfd {
			strike: price,
			negative: if price % 2 == 0 {
				NegativeIndex::Cap
			} else {
				NegativeIndex::Zero
			},
			index0: UNIT,
		},
	};
	terms.escalator = clauses.escalator;
	terms.months = clauses.months;
	terms.start = Start::Month(month(clauses.start));
	terms.expected = [500; 12];
	terms.nameplate_w = if clauses.huge { MAX_NAMEPLATE } else { 2 };
	terms.volume = Volume {
		quantity: 6_000,
		excess: (clauses.volume == 1).then_some(Excess {
			over: 100_000,
			price: 700_000,
		}),
		take_or_pay: if clauses.volume == 2 { 800_000 } else { 0 },
		makeup_years: u32::from(clauses.volume == 2),
		ref_price: UNIT,
		guarantee: if clauses.volume == 3 { 900_000 } else { 0 },
		ld_price: if clauses.volume == 3 { UNIT / 2 } else { 0 },
		ld_cap: if clauses.volume == 3 { 1_000 } else { 0 },
	};
	if clauses.tariff == 4 && price == 0 {
		terms.volume.take_or_pay = 0;
		terms.volume.makeup_years = 0;
	}
	terms.outage.estimate = 700_000;
	terms.outage.max_estimates = clauses.estimates;
	terms.payment.late_rate = clauses.late_rate;
	terms.payment.security_periods = clauses.security;
	if clauses.tariff != 4 {
		terms.termination = Termination {
			months: 6,
			buyer: 500_000,
			seller: 250_000,
			buyout: 100_000,
		};
	}
	let (attestor_fee, cap, sweep) = clauses.cuts;
	terms.cuts = Cuts {
		attestor_fee,
		attestor_cap: cap.max(1),
		sweep,
	};
	let mut contract = with(terms);
	contract.vault = Some(VAULT);
	contract.buyer = if clauses.escalator % 2 == 0 { BUYER } else { OTHER_BUYER };
	contract.payee = if clauses.ghost { GHOST } else { LENDER };
	contract.feed = (clauses.tariff > 2).then_some(FEED);
	contract.meter = if clauses.other_meter { OTHER_METER } else { METER };
	contract.share = clauses.take;
	contract.conditions.by = day(50, 0);
	if clauses.operation {
		contract.meter = PLANT;
		contract.share = Take::Percent(1_000_000);
		contract.terms.start = Start::Operation(Operation {
			register: 0,
			wh: PROVEN_AT,
			target: day(1, 3),
			longstop: day(5, 0),
			delay_per_day: 7,
			delay_cap: 90,
		});
	}
	contract
}

fn input_of(op: &Op) -> Option<(usize, Input)> {
	Some(match *op {
		Op::PayIn(which, 0, amount) => (which, Input::Fund(amount)),
		Op::PayIn(which, 1, amount) => (which, Input::Secure(amount)),
		Op::PayIn(which, _, amount) => (which, Input::PostBond(amount)),
		Op::Withdraw(which, amount) => (which, Input::Withdraw(amount)),
		Op::Dispute(which, bill, amount) => (which, Input::Dispute(bill, amount)),
		Op::Resolve(which, bill, share) => (which, Input::Resolve(bill, share)),
		Op::Declare(which, deemed, period, wh) => {
			let kind = if deemed {
				DeclaredAs::Deemed
			} else {
				DeclaredAs::Excused
			};
			(which, Input::Declare(kind, period, wh))
		}
		Op::Suspend(which) => (which, Input::Suspend),
		Op::Resume(which) => (which, Input::Resume),
		Op::Terminate(which, ending) => (which, Input::Terminate(ending_of(ending))),
		_ => return None,
	})
}

fn ending_of(number: u8) -> Ending {
	[Ending::Seller, Ending::Buyer, Ending::Buyout, Ending::Longstop][usize::from(number % 4)]
}

/// The call of an input, and who signs it.
fn call_of(agreement: AgreementId, buyer: &AccountId, input: Input) -> (AccountId, Call<Test>) {
	match input {
		Input::Fund(amount) => (ANYONE, Call::fund { agreement, amount }),
		Input::Secure(amount) => (ANYONE, Call::secure { agreement, amount }),
		Input::PostBond(amount) => (ANYONE, Call::post_bond { agreement, amount }),
		Input::Withdraw(amount) => (buyer.clone(), Call::withdraw { agreement, amount }),
		Input::Dispute(bill, amount) => (
			buyer.clone(),
			Call::dispute {
				agreement,
				bill,
				amount,
			},
		),
		Input::Resolve(bill, seller_share) => (
			RESOLVER,
			Call::resolve {
				agreement,
				bill,
				seller_share,
			},
		),
		Input::Declare(kind, period, wh) => {
			let change = Change::Declare { kind, period, wh };
			(RESOLVER, Call::request { agreement, change })
		}
		Input::Suspend => (
			RESOLVER,
			Call::request {
				agreement,
				change: Change::Suspend,
			},
		),
		Input::Resume => (
			RESOLVER,
			Call::request {
				agreement,
				change: Change::Resume,
			},
		),
		Input::Terminate(ending) => {
			let who = if ending == Ending::Seller {
				record(agreement).operator().clone()
			} else {
				buyer.clone()
			};
			(who, Call::terminate { agreement, ending })
		}
		Input::VaultDebt(_) | Input::SetBlocked(_) | Input::Claim => panic!("not a party's"),
	}
}

/// Settles until nothing is due.
fn settle_all(id: AgreementId, steps: u32) {
	while dispatch(&ANYONE, Call::settle { agreement: id, steps }).is_ok() {}
}

/// All whose consent it takes agree to new clauses, from next month on unless `edit` says otherwise.
fn amend(world: &mut World, which: usize, edit: impl FnOnce(&mut Amendment<AccountId>)) {
	let Some((id, buyer)) = world.names(which) else { return };
	let mut amendment = Amendment {
		from: PpaEscrow::month().plus(1),
		prices: None,
		quantity: None,
		expected: None,
		payee: None,
		resolver: None,
	};
	edit(&mut amendment);
	let change = Change::Amend(amendment.clone());
	settle_all(id, 7);
	if request(&buyer, id, change.clone()).is_err() {
		return;
	}
	let seller = record(id).operator().clone();
	let mut result = agree(&seller, id, &change);
	if record(id).request.is_some() {
		result = agree(&LENDER, id, &change);
	}
	if result.is_ok() {
		world.amend(which, amendment);
	} else {
		assert_ok!(dispatch(&seller, Call::drop_request { agreement: id }));
	}
}

fn play(world: &mut World, op: &Op) {
	if let Some((which, input)) = input_of(op) {
		let Some((id, buyer)) = world.names(which) else { return };
		let (who, call) = call_of(id, &buyer, input);
		let mut result = dispatch(&who, call.clone());
		if result == Err(Error::<Test>::Behind.into()) {
			settle_all(id, 5);
			result = dispatch(&who, call);
		}
		let expected = world.apply(which, input);
		assert_eq!(result.is_ok(), expected.is_ok(), "{op:?}: {result:?}, {expected:?}");
		return;
	}
	match op {
		Op::Agree(clauses, escrow) => {
			let contract = contract_of(clauses);
			if world.is_full() || (clauses.operation && world.has_plant()) {
				return;
			}
			if clauses.operation && world.plant_count() >= PROVEN_AT {
				assert_eq!(propose(&SELLER, contract), Err(Error::<Test>::OperationPast.into()));
				return;
			}
			// A price, so that the feed can be opened; what is sampled is another operation's.
			show(FEED, Some(0));
			let id = accepted(contract.clone());
			assert_ok!(fund(id, *escrow + 1));
			if activate(id).is_ok() {
				world.bind(id, contract, *escrow + 1);
			} else {
				assert_ok!(request(&contract.buyer, id, Change::Cancel));
				assert_ok!(agree(&SELLER, id, &Change::Cancel));
				world.give_back(&contract.buyer, *escrow + 1);
			}
		}
		Op::GiveUp(clauses, escrow, both) => {
			let mut contract = contract_of(clauses);
			contract.conditions.by = Unix::get() - Halted::get() + 1;
			show(FEED, Some(0));
			let id = NextAgreement::<Test>::get();
			if propose(&SELLER, contract.clone()).is_err() {
				return;
			}
			assert_ok!(accept(&contract.buyer, id));
			assert_ok!(fund(id, *escrow + 1));
			if *both {
				assert_ok!(request(&contract.buyer, id, Change::Cancel));
				assert_ok!(agree(&SELLER, id, &Change::Cancel));
			} else {
				at(Unix::get() + 1);
				assert_ok!(cancel(&ANYONE, id));
			}
			world.give_back(&contract.buyer, *escrow + 1);
		}
		Op::Reprice(which, price) => {
			let prices = Some(prices(&[*price]));
			amend(world, *which, |amendment| amendment.prices = prices);
		}
		Op::Expect(which, expected) => amend(world, *which, |amendment| amendment.expected = Some([*expected; 12])),
		Op::Requantify(which, quantity) => {
			let Some((id, _)) = world.names(*which) else { return };
			let first = billing(id).first_month.unwrap_or(month(0));
			let years = PpaEscrow::month().plus(1).since(first).div_ceil(12);
			amend(world, *which, |amendment| {
				amendment.from = first.plus(12 * years);
				amendment.quantity = Some(*quantity);
			});
		}
		Op::Redirect(which) => amend(world, *which, |amendment| amendment.payee = Some(LENDER)),
		Op::Assign(which) => {
			let Some((agreement, _)) = world.names(*which) else {
				return;
			};
			settle_all(agreement, 6);
			let lender = LENDER;
			let who = record(agreement).operator().clone();
			let result = dispatch(&who, Call::assign { agreement, lender });
			let expected = world.assign(*which);
			assert_eq!(result.is_ok(), expected, "{op:?}: {result:?}");
		}
		Op::Notify(which, side) => {
			let Some((agreement, buyer)) = world.names(*which) else {
				return;
			};
			settle_all(agreement, 6);
			let who = match side {
				Side::Seller => record(agreement).operator().clone(),
				Side::Buyer => buyer,
			};
			let result = dispatch(&who, Call::notify_lender { agreement });
			let expected = world.notify(*which, *side);
			assert_eq!(result.is_ok(), expected, "{op:?}: {result:?}");
		}
		Op::StepIn(which) => {
			let Some((agreement, _)) = world.names(*which) else {
				return;
			};
			settle_all(agreement, 6);
			let call = Call::step_in {
				agreement,
				operator: ANYONE,
				payee: LENDER,
			};
			let result = dispatch(&LENDER, call);
			let expected = world.step_in(*which);
			assert_eq!(result.is_ok(), expected, "{op:?}: {result:?}");
		}
		Op::Press(which, side, steps_in, early) => {
			play(world, &Op::Notify(*which, *side));
			if *steps_in {
				play(world, &Op::StepIn(*which));
			}
			let wait = if *steps_in { 12 * DAY } else { 5 * DAY };
			play(world, &Op::Pass(wait - u64::from(*early)));
			play(world, &Op::Terminate(*which, *side as u8));
		}
		Op::Discharge(which) => {
			let Some((agreement, _)) = world.names(*which) else {
				return;
			};
			let result = dispatch(&LENDER, Call::discharge { agreement });
			assert_eq!(result.is_ok(), world.discharge(*which), "{op:?}: {result:?}");
		}
		Op::Read(rises, ago) => world.read(rises, *ago),
		Op::Observe(value) => {
			show(FEED, Some(*value));
			if dispatch(&ANYONE, Call::observe { feed: FEED }).is_ok() {
				world.observe(*value);
			}
		}
		Op::Publish(period, value) => {
			let call = Call::publish_index {
				feed: FEED,
				month: FIRST_MONTH + period,
				value: *value,
			};
			if dispatch_as(RuntimeOrigin::root(), call).is_ok() {
				world.publish(month(*period), *value);
			}
		}
		Op::Fix(which) => {
			let Some((id, _)) = world.names(*which) else { return };
			settle_all(id, 3);
			let before = billing(id);
			if dispatch(&ANYONE, Call::fix_index { agreement: id }).is_ok() {
				world.fix(*which, before.month(before.next).expect("it bills"));
			}
		}
		Op::Settle(which, steps) => {
			if let Some((agreement, _)) = world.names(*which) {
				let _ = dispatch(
					&ANYONE,
					Call::settle {
						agreement,
						steps: *steps,
					},
				);
			}
		}
		Op::Idle => {
			// The feed is down for the chain's own sampling: what it does is told apart from what parties do.
			show(FEED, None);
			PpaEscrow::settle_idly(frame_support::weights::Weight::MAX);
		}
		Op::Pass(time) => at(Unix::get() + time),
		Op::Halt(time) => halt(*time),
		Op::Serve(count) => Serving::set(count),
		Op::SetDebt(debt) => {
			world.set_debt(*debt);
			set_debt(VAULT, *debt);
		}
		Op::Claim(which) => {
			if let Some((id, _)) = world.names(*which) {
				let _ = claim(id);
			}
		}
		Op::GiveGhost(amount) => {
			assert_ok!(Balances::transfer_allow_death(
				RuntimeOrigin::signed(ANYONE),
				GHOST,
				*amount
			));
			world.given_to_ghost(*amount);
		}
		Op::Donate(which, amount) => {
			if let Some((id, _)) = world.names(*which) {
				let account = PpaEscrow::account_of(id);
				assert_ok!(Balances::transfer_allow_death(
					RuntimeOrigin::signed(ANYONE),
					account,
					*amount + ED
				));
				world.donated(*amount + ED);
			}
		}
		_ => panic!("an input"),
	}
}

fn run_story(story: &[Op]) {
	new_test_ext().execute_with(|| {
		read_all(PLANT, Unix::get() - DAY, vec![0; 4]);
		let mut world = World::new();
		for op in story {
			play(&mut world, op);
			if !Feeds::<Test>::contains_key(FEED) {
				world.leave_feed();
			}
			PpaEscrow::do_try_state().unwrap_or_else(|failure| panic!("{op:?}: {failure:?}"));
			world.compare_money();
		}
		at(Unix::get() + 1);
		for which in 0..4 {
			if let Some((id, _)) = world.names(which) {
				settle_all(id, 64);
				world.compare(which);
			}
		}
		world.advance_all();
		world.compare_money();
		PpaEscrow::do_try_state().expect("all invariants hold");
	});
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

	#[test]
	fn chain_should_do_what_the_naive_model_says_whoever_settles_when(story in story()) {
		run_story(&story);
	}
}
