//! What tools see.

use super::*;

#[test]
fn agreement_view_should_tell_books_and_registers() {
	run(|| {
		assert_eq!(PpaEscrow::agreement(FIRST), None);
		set_debt(VAULT, 1_000);
		let terms = Terms {
			sweep: sweep(40),
			..terms()
		};
		let id = active(terms.clone(), 1_000);
		set_registers(METER, 1_100, 0);
		assert_ok!(settle(id));
		set_registers(METER, 1_200, 0);
		let view = PpaEscrow::agreement(id).expect("it exists");
		assert_eq!(view.terms_hash, terms.hash());
		assert_eq!((view.seller, view.buyer), (SELLER, BUYER));
		assert_eq!(
			(view.meter, view.register, view.price),
			(METER, Register::Export, terms.price)
		);
		assert_eq!(view.status, AgreementStatus::Active);
		let registers = (view.opening_register, view.billed_register, view.final_register);
		assert_eq!(registers, (Some(1_000), Some(1_100), Some(1_200)));
		assert_eq!(view.account, PpaEscrow::account_of(id));
		assert_eq!(
			(view.deposited, view.escrow, view.paid, view.swept),
			(1_000, 750, 250, 100)
		);
		assert_eq!((view.claimable, view.claimable_buyer, view.refunded), (0, 0, 0));
		assert_eq!((view.unpaid, view.closes_in), (0, None));
		assert_eq!(PpaEscrow::next_agreement(), AgreementId(1));
		assert_eq!(PpaEscrow::billed_by(METER, Register::Export), Some(id));
		assert_eq!(PpaEscrow::billed_by(METER, Register::Import), None);
	});
}

#[test]
fn terms_hash_should_be_blake2_256_of_the_scale_encoding() {
	use codec::Encode;
	assert_eq!(terms().hash().0, sp_io::hashing::blake2_256(&terms().encode()));
}
