use baseload_math::billing::{terms::NegativeIndex, DeclaredAs};
use baseload_primitives::Amendment;

use super::*;

fn amendment(from: u32) -> Amendment<AccountId> {
	Amendment {
		from: month(from),
		prices: None,
		quantity: None,
		expected: None,
		payee: None,
		resolver: None,
	}
}

fn new_price(from: u32, price: Price) -> Change<AccountId> {
	Change::Amend(Amendment {
		prices: Some(prices(&[price])),
		..amendment(from)
	})
}

/// Both parties want it.
fn both(agreement: AgreementId, change: Change<AccountId>) -> DispatchResult {
	request(&BUYER, agreement, change.clone())?;
	agree(&SELLER, agreement, &change)
}

#[test]
fn new_price_should_hold_from_its_month_on_whoever_settles_when() {
	for settles in [true, false] {
		run(|| {
			let id = metered(contract(), 10_000, 100);
			assert_ok!(both(id, new_price(2, 5 * UNIT)));
			for period in 2..5 {
				at(start(period));
				read(METER, 1_000 + 100 * u64::from(period));
				at(day(period, 2));
				if settles {
					assert_ok!(settle(id));
				}
			}
			let _ = settle(id);
			let amounts: Vec<_> = PpaEscrow::bills(id, 0, 9).iter().map(|bill| bill.amount).collect();
			assert_eq!(amounts, [100, 100, 500, 500]);
			assert_eq!(record(id).amendment, None);
		});
	}
}

#[test]
fn clauses_should_change_only_for_months_that_have_not_begun() {
	run(|| {
		let id = metered(contract(), 10_000, 100);
		for period in [0, 1] {
			assert_noop!(request(&BUYER, id, new_price(period, 1)), Error::<Test>::MonthBegun);
		}
		assert_ok!(request(&BUYER, id, new_price(2, 1)));
		at(start(2));
		// It was asked for in time, and agreed to too late.
		assert_noop!(agree(&SELLER, id, &new_price(2, 1)), Error::<Test>::MonthBegun);
	});
}

#[test]
fn amendment_should_be_refused_when_it_makes_no_sense() {
	run(|| {
		let id = metered(contract(), 10_000, 100);
		let quantity = |from, quantity| {
			Change::Amend(Amendment {
				quantity: Some(quantity),
				..amendment(from)
			})
		};
		let refused = |change, error: Error<Test>| {
			assert_noop!(request(&BUYER, id, change), error);
		};
		refused(
			Change::Amend(Amendment {
				prices: Some(prices(&[1, 2])),
				..amendment(3)
			}),
			Error::ContradictoryTariff,
		);
		refused(quantity(3, 5), Error::NotAmendable);
		refused(
			Change::Amend(Amendment {
				payee: Some(PpaEscrow::account_of(id)),
				..amendment(3)
			}),
			Error::BadPayee,
		);
		refused(
			Change::Amend(Amendment {
				resolver: Some(Some(BUYER)),
				..amendment(3)
			}),
			Error::BadResolver,
		);
		refused(
			Change::Amend(Amendment {
				payee: Some(RESOLVER),
				..amendment(3)
			}),
			Error::BadResolver,
		);
		refused(Change::Cancel, Error::WrongStatus);
		assert_ok!(both(id, quantity(12, 5)));
		// There is no such month.
		refused(new_price(24, 1), Error::NotAmendable);
	});
}

#[test]
fn amendment_should_be_replaced_when_its_month_has_not_begun() {
	run(|| {
		let id = metered(contract(), 10_000, 100);
		assert_ok!(both(id, new_price(23, 1)));
		assert_ok!(both(id, new_price(2, 5 * UNIT)));
		// Whom to pay is agreed on beside it, even in the last month.
		let payee = Change::Amend(Amendment {
			payee: Some(LENDER),
			..amendment(30)
		});
		assert_ok!(both(id, payee));
		at(day(2, 1));
		// It holds, though it is not billed yet.
		assert_noop!(request(&BUYER, id, new_price(4, 1)), Error::<Test>::AmendmentPending);
		for (period, wh) in [(2, 1_200), (3, 1_300)] {
			at(day(period, 2));
			read_all(METER, start(period), vec![wh, 0, wh, 0]);
		}
		at(day(3, 3));
		assert_ok!(settle(id));
		let amounts: Vec<_> = PpaEscrow::bills(id, 0, 9).iter().map(|bill| bill.amount).collect();
		assert_eq!(amounts, [100, 100, 500]);
		assert_ok!(request(&BUYER, id, new_price(4, 1)));
	});
}

#[test]
fn strike_should_change_and_a_formula_should_not() {
	run(|| {
		show(FEED, Some(1));
		let mut cfd = contract();
		cfd.feed = Some(FEED);
		cfd.terms.tariff = Tariff::Cfd {
			strike: UNIT,
			negative: NegativeIndex::Cap,
			index0: 0,
		};
		let id = active(cfd, 0);
		assert_ok!(both(id, new_price(0, 7)));
		let Tariff::Cfd { strike, .. } = ({
			at(day(0, 1));
			// Taken up with the next settlement or input.
			assert_ok!(fund(id, 1));
			billing(id).terms.tariff
		}) else {
			panic!("a contract for difference")
		};
		assert_eq!(strike, 7);

		let mut indexed = contract();
		indexed.meter = OTHER_METER;
		indexed.feed = Some(FEED);
		indexed.terms.tariff = Tariff::Indexed {
			base: 0,
			slope: 0,
			floor: 0,
			cap: 0,
			index0: 0,
		};
		let id = active(indexed, 0);
		assert_noop!(request(&BUYER, id, new_price(1, 7)), Error::<Test>::NotAmendable);
	});
}

#[test]
fn payee_and_resolver_should_change_at_once() {
	run(|| {
		let id = metered(contract(), 1_000, 100);
		let change = Change::Amend(Amendment {
			payee: Some(LENDER),
			resolver: Some(None),
			..amendment(2)
		});
		let before = record(id).hash();
		assert_ok!(both(id, change));
		assert_eq!(
			(record(id).deal.payee.clone(), record(id).deal.resolver.clone()),
			(LENDER, None)
		);
		assert!(record(id).hash() != before);
		at(day(1, 20));
		assert_ok!(settle(id));
		assert_eq!(gained(&LENDER), 100);
	});
}

#[test]
fn change_should_take_all_whose_consent_it_needs() {
	run(|| {
		let id = metered(contract(), 10_000, 100);
		assert_ok!(dispatch(
			&SELLER,
			Call::assign {
				agreement: id,
				lender: LENDER
			}
		));
		let change = new_price(2, 5);
		assert_noop!(agree(&BUYER, id, &change), Error::<Test>::NothingRequested);
		assert_noop!(request(&ANYONE, id, change.clone()), Error::<Test>::NotParty);
		assert_ok!(request(&SELLER, id, change.clone()));
		assert_noop!(request(&BUYER, id, change.clone()), Error::<Test>::RequestPending);
		assert_noop!(agree(&BUYER, id, &new_price(2, 6)), Error::<Test>::ContractMismatch);
		assert_noop!(agree(&ANYONE, id, &change), Error::<Test>::NotParty);
		assert_ok!(agree(&BUYER, id, &change));
		assert!(record(id).amendment.is_none(), "the lender has not agreed");
		assert_ok!(agree(&LENDER, id, &change));
		assert!(record(id).amendment.is_some());
	});
}

#[test]
fn request_should_be_dropped_by_either_side() {
	run(|| {
		let id = metered(contract(), 10_000, 100);
		let drop = |who: &AccountId| dispatch(who, Call::drop_request { agreement: id });
		assert_noop!(drop(&SELLER), Error::<Test>::NothingRequested);
		assert_ok!(request(&BUYER, id, Change::Suspend));
		assert_noop!(drop(&ANYONE), Error::<Test>::NotParty);
		assert_ok!(drop(&SELLER));
		assert_eq!(record(id).request, None);
	});
}

#[test]
fn resolver_should_declare_energy_and_suspensions_alone() {
	run(|| {
		let mut terms = terms();
		terms.nameplate_w = 1_000;
		let id = metered(with(terms), 10_000, 100);
		assert_ok!(settle(id));
		let declare = |period, wh| Change::Declare {
			kind: DeclaredAs::Deemed,
			period,
			wh,
		};
		assert_noop!(request(&RESOLVER, id, declare(0, 1)), Error::<Test>::NoSuchPeriod);
		assert_ok!(request(&RESOLVER, id, declare(1, 50)));
		assert_ok!(both(id, declare(1, 20)));
		assert_noop!(request(&RESOLVER, id, new_price(3, 1)), Error::<Test>::NotParty);
		at(start(2));
		read(METER, 1_130);
		at(day(2, 1));
		assert_ok!(settle(id));
		let bill = PpaEscrow::bill(id, 1).expect("billed");
		assert_eq!((bill.amount, bill.invoice.deemed), (100, 70));
		assert_ok!(request(&RESOLVER, id, Change::Suspend));
		assert_noop!(request(&RESOLVER, id, Change::Suspend), Error::<Test>::Suspended);
		assert_ok!(request(&RESOLVER, id, Change::Resume));
		assert_noop!(request(&RESOLVER, id, Change::Resume), Error::<Test>::NotSuspended);
	});
}

#[test]
fn seller_should_suspend_alone_only_while_the_buyer_is_in_default() {
	run(|| {
		let id = metered(contract(), 0, 100);
		assert_ok!(request(&SELLER, id, Change::Suspend));
		assert!(record(id).request.is_some(), "it waits for the buyer");
		assert_ok!(dispatch(&SELLER, Call::drop_request { agreement: id }));
		at(day(1, 36));
		assert_ok!(settle(id));
		assert_ok!(request(&SELLER, id, Change::Suspend));
		assert!(record(id).suspended_by_seller);
		assert_ok!(fund(id, 100));
		assert_ok!(request(&SELLER, id, Change::Resume));
		assert!(!record(id).suspended_by_seller);
		for period in 3..5 {
			at(start(period));
			read(METER, 1_100 * u64::from(period));
		}
		at(day(4, 1));
		assert_ok!(settle(id));
		// Suspended and resumed in period 2: both take effect with period 3.
		assert_eq!(PpaEscrow::bill(id, 3).map(|bill| bill.amount), Some(1_100));
	});
}

#[test]
fn suspension_should_begin_with_a_month_that_has_not_begun_by_the_calendar() {
	run(|| {
		let id = metered(contract(), 10_000, 100);
		halt(10 * DAY);
		at(day(2, 3));
		// The clock of dues still stands in the month before.
		assert_ok!(request(&RESOLVER, id, Change::Suspend));
		assert_eq!(billing(id).suspensions[0].from, month(3));
	});
}

#[test]
fn buyer_should_end_the_sellers_suspension_once_it_has_paid() {
	run(|| {
		let id = metered(contract(), 0, 100);
		at(day(1, 36));
		assert_ok!(request(&SELLER, id, Change::Suspend));
		assert_ok!(request(&BUYER, id, Change::Resume));
		assert!(record(id).request.is_some(), "in default it takes the seller");
		assert_ok!(dispatch(&BUYER, Call::drop_request { agreement: id }));
		assert_ok!(fund(id, 100));
		assert_ok!(request(&BUYER, id, Change::Resume));
		assert!(!record(id).suspended_by_seller && billing(id).suspensions[0].until.is_some());
	});
}

#[test]
fn seller_should_suspend_alone_whoever_settles_when() {
	for settles in [true, false] {
		run(|| {
			let id = metered(contract(), 0, 100);
			at(day(1, 36));
			if settles {
				assert_ok!(settle(id));
			}
			assert_ok!(request(&SELLER, id, Change::Suspend));
			assert!(record(id).suspended_by_seller);
		});
	}
}

#[test]
fn lender_should_be_asked_when_a_change_can_take_its_income() {
	run(|| {
		let id = metered(contract(), 10_000, 100);
		let lender = LENDER;
		assert_ok!(dispatch(&SELLER, Call::assign { agreement: id, lender }));
		let excuse = Change::Declare {
			kind: DeclaredAs::Excused,
			period: 3,
			wh: 5,
		};
		for change in [Change::Suspend, excuse.clone()] {
			let before = billing(id);
			assert_ok!(both(id, change.clone()));
			assert_eq!(billing(id), before, "the lender has not agreed");
			assert_ok!(agree(&LENDER, id, &change));
			assert!(record(id).request.is_none() && billing(id) != before);
		}
		assert_eq!((billing(id).suspensions.len(), billing(id).declared.len()), (1, 1));
		// The resolver states facts, and to resume takes nothing from anybody.
		assert_ok!(request(&RESOLVER, id, excuse));
		assert_ok!(both(id, Change::Resume));
		assert_eq!(record(id).request, None);
		let resolved_by = |who| {
			Change::Amend(Amendment {
				resolver: Some(Some(who)),
				..amendment(3)
			})
		};
		assert_noop!(request(&BUYER, id, resolved_by(LENDER)), Error::<Test>::BadResolver);
	});
}

#[test]
fn new_payee_should_get_what_is_due_from_now_on_whoever_settles_when() {
	for settles in [true, false] {
		run(|| {
			let id = metered(contract(), 1_000, 100);
			at(day(1, 20));
			if settles {
				assert_ok!(settle(id));
			}
			let change = Change::Amend(Amendment {
				payee: Some(LENDER),
				..amendment(2)
			});
			assert_ok!(both(id, change));
			assert_eq!((billing(id).ledger.to_payee, gained(&LENDER)), (100, 0));
		});
	}
}

#[test]
fn agreement_should_go_on_when_declarations_are_extreme() {
	run(|| {
		let mut terms = terms();
		terms.nameplate_w = 1_000_000_000_000;
		let id = metered(with(terms), 10_000, 100);
		for kind in [DeclaredAs::Excused, DeclaredAs::Deemed] {
			for period in [1, 1, 2] {
				let wh = u64::MAX;
				assert_ok!(request(&RESOLVER, id, Change::Declare { kind, period, wh }));
			}
		}
		for period in 2..5 {
			at(start(period));
			read(METER, 1_000 + 100 * u64::from(period));
		}
		at(day(4, 1));
		assert_ok!(settle(id));
		assert_eq!(billing(id).next, 4);
		assert_ok!(fund(id, 1));
	});
}
