use super::*;

fn dispute(who: &AccountId, agreement: AgreementId, amount: Balance) -> DispatchResult {
	dispatch(
		who,
		Call::dispute {
			agreement,
			bill: 1,
			amount,
		},
	)
}

fn resolve(agreement: AgreementId, seller_share: u32) -> Call<Test> {
	Call::resolve {
		agreement,
		bill: 1,
		seller_share,
	}
}

/// A bill of 700 is open.
fn billed() -> AgreementId {
	let id = metered(contract(), 1_000, 700);
	assert_ok!(settle(id));
	id
}

#[test]
fn undisputed_part_should_flow_and_the_resolver_decide_about_the_rest() {
	run(|| {
		let id = billed();
		assert_ok!(dispute(&BUYER, id, 300));
		assert_eq!(
			(gained(&BUYER), billing(id).ledger.held, billing(id).ledger.dispute_bond),
			(-30, 300, 30)
		);
		at(day(1, 16));
		assert_ok!(settle(id));
		assert_eq!(billing(id).ledger.to_payee, 400);
		assert_noop!(dispatch(&BUYER, resolve(id, 0)), Error::<Test>::NotResolver);
		assert_noop!(dispatch(&RESOLVER, resolve(id, 1_000_001)), Error::<Test>::BadRatio);
		assert_ok!(dispatch(&RESOLVER, resolve(id, 250_000)));
		let ledger = billing(id).ledger;
		// A quarter of 300, and of the bond of 30; what is left of both is in the escrow.
		assert_eq!((ledger.to_payee, ledger.escrow), (400 + 75 + 7, 300 + 225 + 23));
		assert_eq!((ledger.waived, ledger.held), (225, 0));
		assert_noop!(dispatch(&RESOLVER, resolve(id, 0)), Error::<Test>::NoSuchBill);
	});
}

#[test]
fn dispute_should_end_by_itself_when_nobody_resolves_it() {
	run(|| {
		let id = billed();
		assert_ok!(dispute(&BUYER, id, 300));
		at(day(1, 31) + 1);
		assert_ok!(settle(id));
		assert!(has_event(Event::DisputeEnded {
			agreement: id,
			number: 1,
			seller_share: 500_000,
			timed_out: true,
		}));
		assert_eq!(billing(id).ledger.waived, 150);
	});
}

#[test]
fn dispute_should_be_refused_when_it_is_not_the_buyers_about_an_open_bill() {
	run(|| {
		let id = billed();
		assert_noop!(dispute(&SELLER, id, 1), Error::<Test>::NotParty);
		assert_noop!(dispute(&BUYER, id, 0), Error::<Test>::Nothing);
		assert_noop!(dispute(&BUYER, id, 701), Error::<Test>::Short);
		assert_ok!(dispute(&BUYER, id, 1));
		assert_noop!(dispute(&BUYER, id, 1), Error::<Test>::Disputed);
		at(day(1, 16));
		assert_ok!(settle(id));
		let other = Call::dispute {
			agreement: id,
			bill: 2,
			amount: 1,
		};
		assert_noop!(dispatch(&BUYER, other), Error::<Test>::NoSuchBill);
	});
}

#[test]
fn chain_should_resolve_when_nobody_is_named() {
	run(|| {
		let mut contract = contract();
		contract.resolver = None;
		let id = metered(contract, 1_000, 700);
		assert_ok!(settle(id));
		assert_ok!(dispute(&BUYER, id, 300));
		assert_noop!(dispatch(&RESOLVER, resolve(id, 0)), Error::<Test>::NotResolver);
		assert_ok!(dispatch_as(RuntimeOrigin::root(), resolve(id, 0)));
		assert_eq!(billing(id).ledger.waived, 300);
	});
}

#[test]
fn dispute_should_fail_when_the_buyer_cannot_spare_its_bond() {
	run(|| {
		let id = billed();
		let all = free(&BUYER);
		assert_ok!(Balances::transfer_keep_alive(
			RuntimeOrigin::signed(BUYER),
			ANYONE,
			all - ED - 29
		));
		assert!(dispute(&BUYER, id, 300).is_err());
		assert_eq!(billing(id).ledger.held, 0);
		assert_ok!(dispute(&BUYER, id, 290));
	});
}
