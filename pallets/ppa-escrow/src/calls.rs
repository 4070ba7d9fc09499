//! The calls: thin entry points, documented for whoever signs them.

use frame_support::pallet_macros::pallet_section;

/// The calls: thin entry points, documented for whoever signs them.
#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Proposes an agreement.
		///
		/// ## Dispatch Origin
		/// Signed by the seller or the buyer.
		///
		/// ## Details
		/// Puts [`Config::ProposalDeposit`], and [`Config::BillDeposit`] for each month of the term, of the caller's KWH on hold,
		/// and moves one existential deposit to the agreement's account as its reserve. The reserve comes back with the close,
		/// the deposit when the records are forgotten; both at once if the agreement never binds.
		///
		/// ## Errors
		/// [`Error::NotParty`], [`Error::IdsExhausted`]; one of the errors named `Contradictory...` for a clause that contradicts
		/// itself or another; [`Error::SelfDealing`], [`Error::BadPayee`], [`Error::BadResolver`],
		/// [`Error::BadConditions`], [`Error::BadLenderClause`], [`Error::BadStart`], [`Error::BadAttestorFee`],
		/// [`Error::FeedMissing`], [`Error::FeedUnused`], [`Error::VaultMissing`], [`Error::NotVaultOwner`],
		/// [`Error::NotMeterOwner`], [`Error::CheckMeter`], [`Error::UnknownRegister`], [`Error::SameEnergyTwice`],
		/// [`Error::GraceBelowWindow`], [`Error::OperationPast`]; errors of the currency if the caller cannot afford deposit and reserve.
		///
		/// ## Events
		/// [`Event::Proposed`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::propose())]
		pub fn propose(origin: OriginFor<T>, contract: Box<Contract<T::AccountId>>) -> DispatchResult {
			Self::do_propose(ensure_signed(origin)?, *contract)
		}

		/// Accepts a proposal.
		///
		/// ## Dispatch Origin
		/// Signed by the party that did not propose.
		///
		/// ## Details
		/// `contract_hash` is Blake2-256 over the SCALE encoding of the whole contract: whoever accepts says what they have read.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::NotCounterparty`], [`Error::WrongStatus`],
		/// [`Error::ContractMismatch`].
		///
		/// ## Events
		/// [`Event::Accepted`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::accept())]
		pub fn accept(origin: OriginFor<T>, agreement: AgreementId, contract_hash: H256) -> DispatchResult {
			Self::do_accept(ensure_signed(origin)?, agreement, contract_hash)
		}

		/// Pays into the escrow, for the buyer.
		///
		/// ## Dispatch Origin
		/// Signed by anyone. What is left at the end goes to the buyer, whoever paid it in.
		///
		/// ## Details
		/// Moves `amount` base units of KWH from the caller, who stays alive, to the agreement's account. Arrears and interest are
		/// paid out of it at once. Possible from the acceptance to the close.
		///
		/// ## Errors
		/// [`Error::ZeroAmount`], [`Error::UnknownAgreement`], [`Error::WrongStatus`], [`Error::Closed`], [`Error::Behind`];
		/// errors of the currency if the caller has not that much to spare.
		///
		/// ## Events
		/// [`Event::Funded`], and those of what was due.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::fund().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn fund(origin: OriginFor<T>, agreement: AgreementId, amount: Balance) -> DispatchResultWithPostInfo {
			let played = Self::do_pay_in(ensure_signed(origin)?, agreement, Bucket::Escrow, amount)?;
			Self::weighed(T::WeightInfo::fund(), played)
		}

		/// Pays into the security, for the buyer.
		///
		/// ## Dispatch Origin
		/// Signed by anyone. What is left at the end goes to the buyer, whoever paid it in.
		///
		/// ## Details
		/// The security pays bills only while the buyer is in default, and goes back only at the close.
		///
		/// ## Errors
		/// Those of [`Pallet::fund`].
		///
		/// ## Events
		/// [`Event::Secured`], and those of what was due.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::fund().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn secure(origin: OriginFor<T>, agreement: AgreementId, amount: Balance) -> DispatchResultWithPostInfo {
			let played = Self::do_pay_in(ensure_signed(origin)?, agreement, Bucket::Security, amount)?;
			Self::weighed(T::WeightInfo::fund(), played)
		}

		/// Pays into the seller's bond.
		///
		/// ## Dispatch Origin
		/// Signed by anyone, say the seller's lender that cures its default. What is left at the end goes to the seller.
		///
		/// ## Details
		/// What the seller owes and is past due is paid out of it into the escrow at once.
		///
		/// ## Errors
		/// Those of [`Pallet::fund`].
		///
		/// ## Events
		/// [`Event::BondPosted`], and those of what was due.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::fund().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn post_bond(origin: OriginFor<T>, agreement: AgreementId, amount: Balance) -> DispatchResultWithPostInfo {
			let played = Self::do_pay_in(ensure_signed(origin)?, agreement, Bucket::Bond, amount)?;
			Self::weighed(T::WeightInfo::fund(), played)
		}

		/// Lets an accepted agreement bind: its conditions are met.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// Gives the agreement its share in the meter, follows its feed, which must have a price if none followed it before, and
		/// watches for the reading that proves operation, if it begins with that. The meter must still be the seller's, and the
		/// longstop of the conditions must not be past.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::WrongStatus`], [`Error::ConditionsNotMet`], those of [`Pallet::propose`] about
		/// the meter, [`Error::ConditionsExpired`], [`Error::BadStart`], [`Error::OperationPast`],
		/// [`Error::RegistersOverlap`], [`Error::PriorityTakes`], [`Error::SharesExceedWhole`], [`Error::MonthBilled`],
		/// [`Error::TooManyShares`], [`Error::TooManyFeeds`], [`Error::NoPrice`]; the meters' if nothing more can be watched for.
		///
		/// ## Events
		/// [`Event::Activated`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::activate())]
		pub fn activate(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_activate(agreement)
		}

		/// Plays what is due of an agreement, at most `steps` events, and pays what they moved.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// How often and when this is called changes nothing in what is billed and what leaves which bucket. Who takes the
		/// attestors' and the sweep's part of it, they or the payee, is seen when it is paid out. The chain does the same by itself in
		/// what is left of each block. A call that finds nothing due costs what looking costs, and pays nothing.
		///
		/// ## Errors
		/// [`Error::BadSteps`], [`Error::UnknownAgreement`], [`Error::WrongStatus`], [`Error::NothingToSettle`].
		///
		/// ## Events
		/// One for each event played; [`Event::PaidOut`], [`Event::LeftClaimable`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::poke().saturating_add(Pallet::<T>::events_weight((*steps).min(MAX_STEPS))))]
		pub fn settle(origin: OriginFor<T>, agreement: AgreementId, steps: u32) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_settle(agreement, steps)
		}

		/// Takes back escrow beyond all that is billed or estimated.
		///
		/// ## Dispatch Origin
		/// Signed by the buyer.
		///
		/// ## Errors
		/// [`Error::ZeroAmount`], [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::WrongStatus`], [`Error::Short`],
		/// [`Error::Closed`], [`Error::Behind`].
		///
		/// ## Events
		/// [`Event::Withdrawn`], and those of what was due.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::withdraw().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn withdraw(origin: OriginFor<T>, agreement: AgreementId, amount: Balance) -> DispatchResultWithPostInfo {
			let played = Self::do_withdraw(ensure_signed(origin)?, agreement, amount)?;
			Self::weighed(T::WeightInfo::withdraw(), played)
		}

		/// Disputes `amount` of an open bill.
		///
		/// ## Dispatch Origin
		/// Signed by the buyer.
		///
		/// ## Details
		/// The amount is held out of the escrow, and a bond in proportion is taken from the buyer. The rest of the bill takes its
		/// course. A dispute that nobody resolves ends by itself with the agreed share.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::WrongStatus`], [`Error::NoSuchBill`], [`Error::Disputed`],
		/// [`Error::Nothing`], [`Error::Short`], [`Error::Full`], [`Error::Closed`], [`Error::Behind`]; errors of the currency if
		/// the buyer cannot spare the bond.
		///
		/// ## Events
		/// [`Event::Disputed`], and those of what was due.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::dispute().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn dispute(
			origin: OriginFor<T>,
			agreement: AgreementId,
			bill: u32,
			amount: Balance,
		) -> DispatchResultWithPostInfo {
			let played = Self::do_dispute(ensure_signed(origin)?, agreement, bill, amount)?;
			Self::weighed(T::WeightInfo::dispute(), played)
		}

		/// Gives the seller its share of what is disputed, in parts per million, and of the bond for it. The rest returns to the
		/// escrow.
		///
		/// ## Dispatch Origin
		/// The resolver that the agreement names, or [`Config::ResolverOrigin`] if it names none.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotResolver`], [`Error::WrongStatus`], [`Error::NoSuchBill`],
		/// [`Error::BadRatio`], [`Error::Closed`], [`Error::Behind`].
		///
		/// ## Events
		/// [`Event::DisputeEnded`], and those of what was due.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::resolve().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn resolve(
			origin: OriginFor<T>,
			agreement: AgreementId,
			bill: u32,
			seller_share: Ppm,
		) -> DispatchResultWithPostInfo {
			let voice = Self::voice(origin)?;
			let played = Self::do_resolve(voice, agreement, bill, seller_share)?;
			Self::weighed(T::WeightInfo::resolve(), played)
		}

		/// Asks for a change.
		///
		/// ## Dispatch Origin
		/// Signed by seller or buyer, or the resolver.
		///
		/// ## Details
		/// Takes effect at once if the signer alone may have it: the resolver declares energy, suspends and resumes; the seller
		/// suspends while the buyer is in default, and resumes what it alone suspended, as does the buyer once it is out of
		/// default. Otherwise it waits for the other side, and unless it resumes or cancels for the lender too, if there is one.
		/// One change waits at a time.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::WrongStatus`], [`Error::RequestPending`],
		/// [`Error::AmendmentPending`], [`Error::MonthBegun`], [`Error::NotAmendable`], [`Error::BadPayee`],
		/// [`Error::BadResolver`], one named `Contradictory...`; for what takes effect at once [`Error::NoSuchPeriod`],
		/// [`Error::Suspended`], [`Error::NotSuspended`], [`Error::Full`], [`Error::Closed`], [`Error::Behind`].
		///
		/// ## Events
		/// [`Event::Requested`], or [`Event::Changed`] and those of what was due.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::request().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn request(
			origin: OriginFor<T>,
			agreement: AgreementId,
			change: Change<T::AccountId>,
		) -> DispatchResultWithPostInfo {
			let voice = Self::voice(origin)?;
			let played = Self::do_request(voice, agreement, change)?;
			Self::weighed(T::WeightInfo::request(), played)
		}

		/// Agrees to the change that was asked for.
		///
		/// ## Dispatch Origin
		/// Signed by seller, buyer or lender.
		///
		/// ## Details
		/// `change_hash` is Blake2-256 over the SCALE encoding of the change. It takes effect with the last consent that it takes.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::NothingRequested`], [`Error::ContractMismatch`], and those
		/// of [`Pallet::request`] if it takes effect.
		///
		/// ## Events
		/// [`Event::Agreed`], [`Event::Changed`] or [`Event::Cancelled`], and those of what was due.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::agree().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn agree(origin: OriginFor<T>, agreement: AgreementId, change_hash: H256) -> DispatchResultWithPostInfo {
			let played = Self::do_agree(ensure_signed(origin)?, agreement, change_hash)?;
			Self::weighed(T::WeightInfo::agree(), played)
		}

		/// Drops the change that was asked for.
		///
		/// ## Dispatch Origin
		/// Signed by seller or buyer.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::NothingRequested`].
		///
		/// ## Events
		/// [`Event::RequestDropped`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::drop_request())]
		pub fn drop_request(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			Self::do_drop_request(ensure_signed(origin)?, agreement)
		}

		/// Ends an agreement early, with the next month start.
		///
		/// ## Dispatch Origin
		/// Signed by the seller, for the buyer's default; or by the buyer, for the seller's default, to buy itself out, or at the
		/// longstop of operation. A year, and the lender's notice and extension, after that longstop, by anyone.
		///
		/// ## Details
		/// What it costs follows the termination clause. If the seller has a lender, its notice must be over unless the buyer buys
		/// itself out: then the escrow has to cover it and all that is open.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::WrongStatus`], [`Error::NotEntitled`], [`Error::Ended`],
		/// [`Error::Short`], [`Error::NotActive`], [`Error::LenderNotNotified`], [`Error::LenderNoticeRunning`],
		/// [`Error::Full`], [`Error::Closed`], [`Error::Behind`].
		///
		/// ## Events
		/// [`Event::TerminationDeclared`], and those of what was due.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::terminate().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn terminate(origin: OriginFor<T>, agreement: AgreementId, ending: Ending) -> DispatchResultWithPostInfo {
			let played = Self::do_terminate(ensure_signed(origin)?, agreement, ending)?;
			Self::weighed(T::WeightInfo::terminate(), played)
		}

		/// Tells the seller's lender that the signer may end the agreement for the other party's default.
		///
		/// ## Dispatch Origin
		/// Signed by seller or buyer.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::WrongStatus`], [`Error::NotEntitled`], [`Error::NoLender`],
		/// [`Error::LenderKnows`], [`Error::Behind`].
		///
		/// ## Events
		/// [`Event::LenderNotified`], and those of what was due.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::notify_lender().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn notify_lender(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResultWithPostInfo {
			let played = Self::do_notify_lender(ensure_signed(origin)?, agreement)?;
			Self::weighed(T::WeightInfo::notify_lender(), played)
		}

		/// Assigns the seller's rights to a lender as collateral.
		///
		/// ## Dispatch Origin
		/// Signed by the seller, or by who acts for it since a lender stepped in.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::HasLender`], [`Error::BadLender`], [`Error::WrongStatus`],
		/// [`Error::InDefault`], [`Error::Behind`].
		///
		/// ## Events
		/// [`Event::Assigned`].
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::assign().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn assign(
			origin: OriginFor<T>,
			agreement: AgreementId,
			lender: T::AccountId,
		) -> DispatchResultWithPostInfo {
			let played = Self::do_assign(ensure_signed(origin)?, agreement, lender)?;
			Self::weighed(T::WeightInfo::assign(), played)
		}

		/// Gives the lender's rights up.
		///
		/// ## Dispatch Origin
		/// Signed by the lender.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotLender`].
		///
		/// ## Events
		/// [`Event::Discharged`].
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::discharge())]
		pub fn discharge(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			Self::do_discharge(ensure_signed(origin)?, agreement)
		}

		/// Steps in for the seller, whose default the buyer has given notice of.
		///
		/// ## Dispatch Origin
		/// Signed by the lender, once in the life of the agreement.
		///
		/// ## Details
		/// The default must not be cured. From now on `operator` acts for the seller and `payee` is paid, what could not be paid
		/// yet included. The buyer can end the agreement for that default only the agreed time later. What waits for consent is
		/// dropped.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotLender`], [`Error::WrongStatus`], [`Error::SelfDealing`],
		/// [`Error::BadResolver`], [`Error::BadPayee`], [`Error::LenderNotNotified`], [`Error::SteppedInBefore`],
		/// [`Error::Behind`].
		///
		/// ## Events
		/// [`Event::SteppedIn`].
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::step_in().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn step_in(
			origin: OriginFor<T>,
			agreement: AgreementId,
			operator: T::AccountId,
			payee: T::AccountId,
		) -> DispatchResultWithPostInfo {
			let played = Self::do_step_in(ensure_signed(origin)?, agreement, operator, payee)?;
			Self::weighed(T::WeightInfo::step_in(), played)
		}

		/// Pays what somebody could not receive before to whom it belongs.
		///
		/// ## Dispatch Origin
		/// Signed by anyone: an account that does not exist yet could not pay for its own claim.
		///
		/// ## Details
		/// Tries everybody, each independently of the others. Once an agreement that is over owes nobody, its reserve goes back to
		/// the proposer.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NothingToClaim`], [`Error::CannotReceive`].
		///
		/// ## Events
		/// [`Event::Claimed`], [`Event::PaidOut`]; [`Event::LeftClaimable`] if somebody still cannot receive.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(agreement)
		}

		/// Ends an agreement that does not bind yet.
		///
		/// ## Dispatch Origin
		/// Signed: a proposal by either party; an accepted agreement by anyone, once the longstop of its conditions is past.
		///
		/// ## Details
		/// Gives everybody back what they paid in, and the proposer deposit and reserve.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::WrongStatus`], [`Error::LongstopNotReached`].
		///
		/// ## Events
		/// [`Event::Cancelled`], [`Event::PaidOut`]; [`Event::LeftClaimable`] if somebody cannot receive.
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::cancel())]
		pub fn cancel(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			Self::do_cancel(ensure_signed(origin)?, agreement)
		}

		/// Samples a feed that an agreement follows.
		///
		/// ## Dispatch Origin
		/// Signed by anyone. The chain does it by itself about once an hour.
		///
		/// ## Errors
		/// [`Error::UnknownFeed`], [`Error::NoPrice`]; [`Error::Past`] twice in one block.
		///
		/// ## Events
		/// [`Event::Observed`]; [`Event::IndexKnown`] for each month that it ends.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::observe())]
		pub fn observe(origin: OriginFor<T>, feed: FeedId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_observe(feed)
		}

		/// Publishes the index of a month (12 x year + month - 1) that has ended without one, because its feed failed or began
		/// later: in 10^-18 base units per Wh, negative if need be. Of a feed whose next sample would tell it, a day after the
		/// month's end at the earliest.
		///
		/// ## Dispatch Origin
		/// [`Config::IndexOrigin`].
		///
		/// ## Errors
		/// [`Error::BadStart`] for a month before 1970, [`Error::UnknownFeed`], [`Error::IndexKnown`], [`Error::MonthNotOver`],
		/// [`Error::NoPrice`].
		///
		/// ## Events
		/// [`Event::IndexKnown`].
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::publish_index())]
		pub fn publish_index(origin: OriginFor<T>, feed: FeedId, month: u32, value: Price) -> DispatchResult {
			T::IndexOrigin::ensure_origin(origin)?;
			let month = Month::new(month).ok_or(Error::<T>::BadStart)?;
			Self::do_publish_index(feed, month, value)
		}

		/// Lets a contract for difference go on whose index never came.
		///
		/// ## Dispatch Origin
		/// Signed by anyone, once `feed_final` has passed since the end of the month that is to be billed.
		///
		/// ## Details
		/// The latest index of the twelve months before takes its place for this agreement, or the one agreed for want of any.
		///
		/// ## Errors
		/// [`Error::UnknownAgreement`], [`Error::WrongStatus`], [`Error::IndexNotMissing`], [`Error::NotActive`],
		/// [`Error::TooEarly`], [`Error::Behind`].
		///
		/// ## Events
		/// [`Event::IndexFixed`], and those of what was due.
		#[pallet::call_index(22)]
		#[pallet::weight(T::WeightInfo::fix_index().saturating_add(Pallet::<T>::events_weight(CATCH_UP)))]
		pub fn fix_index(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let played = Self::do_fix_index(agreement)?;
			Self::weighed(T::WeightInfo::fix_index(), played)
		}

		/// Forgets an agreement that closed long ago, at most so many bills at a time, and returns its deposit.
		///
		/// ## Dispatch Origin
		/// Signed by the proposer, once [`Config::Retention`] has passed since the close.
		///
		/// ## Errors
		/// [`Error::BadSteps`], [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::WrongStatus`], [`Error::TooEarly`],
		/// [`Error::StillOwes`].
		///
		/// ## Events
		/// [`Event::Forgotten`] with the last bill.
		#[pallet::call_index(23)]
		#[pallet::weight(T::WeightInfo::forget((*bills).min(MAX_FORGET).saturating_add(1)))]
		pub fn forget(origin: OriginFor<T>, agreement: AgreementId, bills: u32) -> DispatchResultWithPostInfo {
			let forgotten = Self::do_forget(ensure_signed(origin)?, agreement, bills)?;
			Ok(Some(T::WeightInfo::forget(forgotten.saturating_add(1))).into())
		}
	}
}
