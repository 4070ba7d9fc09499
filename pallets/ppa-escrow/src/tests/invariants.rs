use super::*;
use crate::{Agreements, Bills, Feeds, Indexes, Record, Running, Shares};

/// What the invariants say after `breaks`, with one agreement that has billed and been paid.
fn broken(number: &str, breaks: impl Fn(AgreementId)) {
	new_test_ext().execute_with(|| {
		let id = metered(contract(), 5_000, 700);
		at(day(1, 20));
		assert_ok!(settle(id));
		assert_ok!(PpaEscrow::do_try_state());
		breaks(id);
		let failure = PpaEscrow::do_try_state().expect_err("it was broken");
		let text = format!("{failure:?}");
		assert!(text.contains(&format!("\"{number}: ")), "{number}: {text}");
	});
}

fn edit(id: AgreementId, change: impl FnOnce(&mut Record<AccountId>)) {
	Agreements::<Test>::mutate_extant(id, change);
}

fn edit_billing(id: AgreementId, change: impl FnOnce(&mut Agreement)) {
	edit(id, |record| match &mut record.stage {
		crate::Stage::Running(billing) => change(billing),
		_ => panic!("it runs"),
	});
}

#[test]
fn each_invariant_should_be_noticed_when_it_breaks() {
	broken("1", |id| {
		let account = PpaEscrow::account_of(id);
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), account, 4_299 + ED));
	});
	broken("2", |id| edit(id, |record| record.payouts.paid.payee -= 1));
	broken("2", |id| {
		edit(id, |record| {
			record.payouts.seen.payee -= 1;
			record.payouts.paid.payee -= 1;
		})
	});
	broken("3", |id| {
		edit_billing(id, |billing| {
			billing.ledger.held += 1;
			billing.ledger.escrow -= 1;
		})
	});
	broken("4", |id| Bills::<Test>::remove(id, 0));
	broken("4", |id| {
		let mut bill = Bills::<Test>::get(id, 0).expect("billed");
		bill.amount += 1;
		Bills::<Test>::insert(id, 0, bill);
	});
	broken("5", Running::<Test>::remove);
	broken("5", |_| Running::<Test>::insert(AgreementId(9), ()));
	broken("5", |_| Shares::<Test>::remove(METER));
	broken("6", |_| {
		Shares::<Test>::mutate(METER, |book| {
			let mut row = book.rows[0].clone();
			row.agreement = AgreementId(9);
			assert!(book.rows.try_push(row).is_ok());
		})
	});
	broken("6", |_| {
		Shares::<Test>::mutate(METER, |book| {
			let mut row = book.rows[0].clone();
			row.agreement = AgreementId(9);
			row.registers = 4;
			assert!(book.rows.try_push(row).is_ok());
		})
	});
	broken("7", |_| {
		let mut meters = Meters::get();
		for reading in meters.get_mut(&METER.0).expect("read") {
			reading.registers = vec![0; 4];
		}
		Meters::set(&meters);
	});
	broken("8", |id| edit(id, |record| record.deposit += 1));
	broken("9", |_| NextAgreement::<Test>::put(FIRST));
	broken("9", |id| edit(id, |record| record.closed_at = Some(1)));
	broken("9", |id| edit(id, |record| record.reserve = 0));
	broken("10", |_| {
		let index = baseload_math::billing::sources::Index { value: 0, known: 0 };
		Indexes::<Test>::insert(FEED, month(1), index);
	});
	broken("10", |_| {
		let feed = crate::feeds::Feed {
			agreements: 0,
			register: None,
			opening: Some(Default::default()),
		};
		Feeds::<Test>::insert(FEED, feed);
	});
}
