//! What people's tools read.

use baseload_primitives::{views::AgreementView, AgreementId, AgreementStatus, OpenTime};

use crate::{Agreements, Config, Pallet};

impl<T: Config> Pallet<T> {
	pub(crate) fn view(id: AgreementId) -> Option<AgreementView<T::AccountId>> {
		let agreement = Agreements::<T>::get(id)?;
		let terms_hash = agreement.terms.hash();
		let final_register = Self::final_register(&agreement.terms).map(|(register, _)| register);
		let (terms, books) = (agreement.terms, agreement.books);
		Some(AgreementView {
			seller: terms.seller,
			buyer: terms.buyer,
			meter: terms.meter,
			register: terms.register,
			price: terms.price,
			terms_hash,
			status: agreement.status,
			opening_register: agreement.billing.map(|billing| billing.opening),
			billed_register: agreement.billing.map(|billing| billing.billed),
			final_register,
			account: Self::account_of(id),
			deposited: books.deposited,
			escrow: books.escrow,
			paid: books.paid,
			to_attestors: books.to_attestors,
			attestor_due: agreement.billing.map_or(0, |billing| billing.service.due),
			swept: books.swept,
			claimable: books.claimable_seller,
			claimable_buyer: books.claimable_buyer,
			unpaid: agreement.billing.map_or(0, |billing| billing.unpaid),
			closes_in: agreement
				.closes_at
				.filter(|_| agreement.status == AgreementStatus::Ending)
				.map(|closes_at| closes_at.saturating_sub(T::OpenTime::now())),
			refunded: books.refunded,
		})
	}
}
