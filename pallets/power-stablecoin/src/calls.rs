//! The calls: thin entry points, documented for whoever signs them.

use frame_support::pallet_macros::pallet_section;

/// The calls: thin entry points, documented for whoever signs them.
#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Opens an empty vault for collateral of one type.
		///
		/// ## Dispatch Origin
		/// Signed. The signer owns the vault.
		///
		/// ## Details
		/// Puts the vault deposit, in KWH, on hold, and leaves the signer at least the minimum balance besides.
		///
		/// ## Errors
		/// [`Error::UnknownType`], [`Error::TooManyVaults`]; `Token::FundsUnavailable` if the signer cannot spare the deposit.
		///
		/// ## Events
		/// [`Event::VaultOpened`], with the new id.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::open())]
		pub fn open(origin: OriginFor<T>, token: TokenId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_open(owner, token)
		}

		/// Moves `amount` base units of collateral into a vault.
		///
		/// ## Dispatch Origin
		/// Signed by anybody, who pays. The tokens become the vault owner's.
		///
		/// ## Details
		/// The payer is left with nothing of the token or with at least its minimum balance.
		///
		/// ## Errors
		/// [`Error::UnknownVault`], [`Error::ZeroAmount`]; the token's errors if the payer has not that much to spend.
		///
		/// ## Events
		/// [`Event::CollateralDeposited`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::deposit())]
		pub fn deposit(origin: OriginFor<T>, vault: VaultId, #[pallet::compact] amount: Balance) -> DispatchResult {
			let from = ensure_signed(origin)?;
			Self::do_deposit(&from, vault, amount)
		}

		/// Pledges a certified site, whose attested energy then counts for the vault.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of both the vault and the site.
		///
		/// ## Errors
		/// [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::UnknownSite`], [`Error::NotSiteOwner`],
		/// [`Error::TooManySites`]; the site registry's errors if the site is not certified or pledged already.
		///
		/// ## Events
		/// [`Event::SitePledged`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::pledge_site())]
		pub fn pledge_site(origin: OriginFor<T>, vault: VaultId, site: SiteId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_pledge_site(&owner, vault, site)
		}

		/// Releases a pledged site.
		///
		/// ## Dispatch Origin
		/// Signed by the vault's owner.
		///
		/// ## Details
		/// Only while the debt stays within the energy cover of what remains, or without debt. Needs no price.
		///
		/// ## Errors
		/// [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::SiteNotPledged`], [`Error::EnergyTooLow`].
		///
		/// ## Events
		/// [`Event::SiteReleased`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::release_site(T::MaxSites::get()))]
		pub fn release_site(origin: OriginFor<T>, vault: VaultId, site: SiteId) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let sites = Self::do_release_site(&owner, vault, site)?;
			Ok(Some(T::WeightInfo::release_site(sites)).into())
		}

		/// Draws `amount` base units of KWH against a vault: they are minted to its owner, and owed by the vault.
		///
		/// ## Dispatch Origin
		/// Signed by the vault's owner.
		///
		/// ## Details
		/// Seven days' interest is minted to revenue besides, and owed by the vault too. Both covers must hold after the draw, at
		/// known prices: the collateral at the lower of two, and the debt at the higher of the reference price and its yearly
		/// mean. Refused while the riskiest vault of the type is unsafe.
		///
		/// ## Errors
		/// [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::ZeroAmount`], [`Error::BreakerOpen`], [`Error::Impaired`],
		/// [`Error::NoPrice`], [`Error::UnsafeFront`], [`Error::BelowMinDebt`], [`Error::CollateralTooLow`],
		/// [`Error::EnergyTooLow`], [`Error::CeilingReached`], [`Error::ShareReached`], [`Error::NotRefilled`], [`Error::FuseBlown`],
		/// [`Error::SharesExhausted`], [`Error::ShutDown`].
		///
		/// ## Events
		/// [`Event::Drawn`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::draw(T::MaxSites::get()))]
		pub fn draw(
			origin: OriginFor<T>,
			vault: VaultId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let sites = Self::do_draw(&owner, vault, amount)?;
			Ok(Some(T::WeightInfo::draw(sites)).into())
		}

		/// Repays up to `amount` base units of a vault's debt out of the signer's KWH, which are burnt.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// Burns min(`amount`, debt), so that too large an amount repays all; one unit less if it is the last of the type's debt
		/// and others owe it still. What is left is zero or at least the minimum debt. The payer is left with no free KWH or with
		/// at least the minimum balance. Needs no price and no cover.
		///
		/// ## Errors
		/// [`Error::UnknownVault`], [`Error::ZeroAmount`], [`Error::NoDebt`], [`Error::BelowMinDebt`];
		/// `Token::FundsUnavailable` if the signer has not that much to spend.
		///
		/// ## Events
		/// [`Event::Repaid`], with what was burnt.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::repay())]
		pub fn repay(origin: OriginFor<T>, vault: VaultId, #[pallet::compact] amount: Balance) -> DispatchResult {
			let by = ensure_signed(origin)?;
			Self::do_repay(by, vault, amount)
		}

		/// Takes `amount` base units of collateral out of a vault, to its owner.
		///
		/// ## Dispatch Origin
		/// Signed by the vault's owner.
		///
		/// ## Details
		/// Without debt anything may be taken, at any price and whatever the breaker says; what a liquidation left too. With
		/// debt, of at least the minimum, the collateral cover must hold after the withdrawal, at known prices.
		///
		/// ## Errors
		/// [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::ZeroAmount`], [`Error::NotEnoughCollateral`],
		/// [`Error::BreakerOpen`], [`Error::NoPrice`], [`Error::BelowMinDebt`], [`Error::CollateralTooLow`]; [`Error::ShutDown`] while
		/// the vault has debt; the token's errors if the owner's account cannot receive it.
		///
		/// ## Events
		/// [`Event::CollateralWithdrawn`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, vault: VaultId, #[pallet::compact] amount: Balance) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_withdraw(&owner, vault, amount)
		}

		/// Closes a vault without debt, and gives back everything it holds.
		///
		/// ## Dispatch Origin
		/// Signed by the vault's owner.
		///
		/// ## Details
		/// Collateral goes to the owner, the sites are released, the deposit comes off hold. Declared energy is given up.
		///
		/// ## Errors
		/// [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::DebtOutstanding`]; the token's errors if the owner's account
		/// cannot receive it.
		///
		/// ## Events
		/// [`Event::SiteReleased`] for each site, [`Event::VaultClosed`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::close(T::MaxSites::get()))]
		pub fn close(origin: OriginFor<T>, vault: VaultId) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let sites = Self::do_close(&owner, vault)?;
			Ok(Some(T::WeightInfo::close(sites)).into())
		}

		/// Makes a token a type of collateral.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// The pallet's account must hold the token's minimum balance already, of its own: so it stays alive whatever comes in
		/// and goes out later. The token's decimals are kept as they are now.
		///
		/// ## Errors
		/// [`Error::TypeExists`], [`Error::TooManyTypes`], [`Error::UnknownToken`], [`Error::AccountNotFunded`]; of a parameter out of
		/// its bounds, the error that names it.
		///
		/// ## Events
		/// [`Event::TypeAdded`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::add_type())]
		pub fn add_type(origin: OriginFor<T>, token: TokenId, params: TypeParams) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_add_type(token, params)
		}

		/// Changes what a type is governed by.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// At most once a day, and each number by at most a step. Interest of the hours before is charged at the old rate as far
		/// as it was charged already. A higher liquidation ratio is in force after a day of open time, in which owners can add
		/// collateral or repay; until then vaults are liquidated by the old one. All else changes at once.
		///
		/// ## Errors
		/// [`Error::UnknownType`], [`Error::ChangedTooSoon`]; of a number out of its bounds, or too far from what it was, the error
		/// that names it.
		///
		/// ## Events
		/// [`Event::ParamsChanged`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::set_params())]
		pub fn set_params(origin: OriginFor<T>, token: TokenId, params: TypeParams) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_params(token, params)
		}

		/// Locks `amount` base units of the signer's KWH for redemption against collateral.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// Executes at the first price observed after the request, split over the types in proportion to their debt, from the
		/// riskiest vault that can pay par upward. It ends unexecuted if its fee would be more than `max_fee`. Of a type it ends
		/// where a vault would pay less than `min_out` collateral base units per whole KWH burnt, two base units for rounding
		/// aside; a reserve that would is passed over. Until it begins it can be cancelled. The signer keeps at least the
		/// minimum balance free besides.
		///
		/// ## Errors
		/// [`Error::RedemptionTooSmall`], [`Error::MaxFeeTooLow`], [`Error::QueueFull`], [`Error::DuplicateToken`],
		/// [`Error::UnknownType`], [`Error::ShutDown`];
		/// `Token::FundsUnavailable` if the signer has not that much to spend.
		///
		/// ## Events
		/// [`Event::RedemptionRequested`]; later [`Event::VaultRedeemed`], [`Event::Redeemed`] and [`Event::RedemptionEnded`].
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::redeem())]
		pub fn redeem(
			origin: OriginFor<T>,
			#[pallet::compact] amount: Balance,
			max_fee: Perquintill,
			min_out: BoundedVec<(TokenId, Balance), T::MaxTypes>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_redeem(who, amount, max_fee, min_out)
		}

		/// Takes a redemption back that has not begun.
		///
		/// ## Dispatch Origin
		/// Signed by whoever made it.
		///
		/// ## Errors
		/// [`Error::UnknownRedemption`], [`Error::RedemptionBegun`].
		///
		/// ## Events
		/// [`Event::RedemptionEnded`].
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::cancel_redemption())]
		pub fn cancel_redemption(origin: OriginFor<T>, request: u64) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_cancel_redemption(&who, request)
		}

		/// Executes redemptions that are due, in at most `steps` steps of one vault each.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. Blocks with weight left do it unasked.
		///
		/// ## Errors
		/// [`Error::NothingDue`].
		///
		/// ## Events
		/// [`Event::VaultRedeemed`], [`Event::Redeemed`], [`Event::RedemptionEnded`], [`Event::PayoutOwed`].
		#[pallet::call_index(12)]
		#[pallet::weight(Pallet::<T>::queue_weight((*steps).min(MAX_STEPS)))]
		pub fn work_queue(origin: OriginFor<T>, steps: u32) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_work_queue(steps.min(MAX_STEPS))
		}

		/// Liquidates unsafe vaults of a type, at most `vaults` of them, the riskiest first.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. Blocks with weight left do it unasked.
		///
		/// ## Errors
		/// [`Error::UnknownType`], [`Error::BreakerOpen`], [`Error::NoPrice`], [`Error::Grace`]; [`Error::ShutDown`];
		/// [`Error::NothingUnsafe`].
		///
		/// ## Events
		/// [`Event::Liquidated`] for each.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::liquidate((*vaults).min(MAX_STEPS)))]
		pub fn liquidate(origin: OriginFor<T>, token: TokenId, vaults: u32) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let done = Self::do_liquidate(token, vaults.min(MAX_STEPS))?;
			Ok(Some(T::WeightInfo::liquidate(done)).into())
		}

		/// Puts `amount` base units of KWH into the backstop pool of a type.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// They count from the second price after this on. While they count they may burn in liquidations, for collateral worth
		/// more.
		///
		/// ## Errors
		/// [`Error::UnknownType`], [`Error::ZeroAmount`], [`Error::PoolDepositTooSmall`] below [`Config::MinRedemption`],
		/// [`Error::Impaired`], [`Error::BreakerOpen`], [`Error::TooManyWaiting`], [`Error::ShutDown`],
		/// [`Error::AccountNotFunded`]; the token's errors if the signer has not that much to spend.
		///
		/// ## Events
		/// [`Event::PoolDeposited`].
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::pool_deposit())]
		pub fn pool_deposit(
			origin: OriginFor<T>,
			token: TokenId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_pool_deposit(&who, token, amount)
		}

		/// Gives notice of the withdrawal of up to `amount` base units of KWH from a pool, in place of an earlier one.
		///
		/// ## Dispatch Origin
		/// Signed by a depositor.
		///
		/// ## Errors
		/// [`Error::UnknownType`], [`Error::UnknownDeposit`], [`Error::ZeroAmount`]; [`Error::NothingCounts`] if nothing of the deposit
		/// counts yet.
		///
		/// ## Events
		/// [`Event::PoolNoticeGiven`].
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::pool_notice())]
		pub fn pool_notice(origin: OriginFor<T>, token: TokenId, #[pallet::compact] amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_pool_notice(&who, token, amount)
		}

		/// Withdraws what notice was given of, as far as it is still there.
		///
		/// ## Dispatch Origin
		/// Signed by a depositor.
		///
		/// ## Details
		/// Waits while a vault of the type is unsafe and may be liquidated, or a move of the price is not confirmed, but not for more
		/// than twelve hours of open time.
		///
		/// ## Errors
		/// [`Error::UnknownType`], [`Error::UnknownDeposit`], [`Error::NoOpenNotice`], [`Error::NoticeTooEarly`],
		/// [`Error::NoticeLapsed`], [`Error::UnsafeFront`], [`Error::NothingCounts`] if nothing is left.
		///
		/// ## Events
		/// [`Event::PoolWithdrawn`].
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::pool_withdraw())]
		pub fn pool_withdraw(origin: OriginFor<T>, token: TokenId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_pool_withdraw(&who, token)
		}

		/// Pays out the collateral that a deposit has earned.
		///
		/// ## Dispatch Origin
		/// Signed by a depositor.
		///
		/// ## Errors
		/// [`Error::UnknownType`], [`Error::UnknownDeposit`], [`Error::NothingEarned`]; the token's errors if the account cannot
		/// receive it.
		///
		/// ## Events
		/// [`Event::PoolClaimed`].
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::pool_claim())]
		pub fn pool_claim(origin: OriginFor<T>, token: TokenId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_pool_claim(&who, token)
		}

		/// Pays collateral that a redemption could not pay to the signer's account.
		///
		/// ## Dispatch Origin
		/// Signed by whoever is owed it.
		///
		/// ## Errors
		/// [`Error::UnknownType`], [`Error::NothingOwed`]; the token's errors if the account still cannot
		/// receive it.
		///
		/// ## Events
		/// [`Event::PayoutClaimed`].
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::claim_payout())]
		pub fn claim_payout(origin: OriginFor<T>, token: TokenId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim_payout(&who, token)
		}

		/// Pays the collateral that fees have earned to the revenue account.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Errors
		/// [`Error::UnknownType`], [`Error::NoRevenue`]; the token's errors if the account cannot receive it.
		///
		/// ## Events
		/// [`Event::RevenueSwept`].
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::sweep_revenue())]
		pub fn sweep_revenue(origin: OriginFor<T>, token: TokenId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_sweep_revenue(token)
		}

		/// Lets less through.
		///
		/// ## Dispatch Origin
		/// [`Config::GuardianOrigin`].
		///
		/// ## Errors
		/// [`Error::WrongDirection`] unless `level` is tighter than the breaker is.
		///
		/// ## Events
		/// [`Event::BreakerMoved`].
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::tighten())]
		pub fn tighten(origin: OriginFor<T>, level: BreakerLevel) -> DispatchResult {
			T::GuardianOrigin::ensure_origin(origin)?;
			Self::do_tighten(level)
		}

		/// Lets more through.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// After a time of exits only, liquidation waits as long as that lasted, but no longer than an hour.
		///
		/// ## Errors
		/// [`Error::WrongDirection`] unless `level` is looser than the breaker is.
		///
		/// ## Events
		/// [`Event::BreakerMoved`].
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::loosen())]
		pub fn loosen(origin: OriginFor<T>, level: BreakerLevel) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_loosen(level)
		}

		/// Compares what a vault's owner drew with the energy of its sites. Without cover its cure period begins; at its end the
		/// vault is wound down; with cover both are called off.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// Interest, and debt inherited from other vaults, need no cover. What is uncovered at the end of the cure period is
		/// wound down by redemptions at par, which come to this vault first, a thirtieth of it a day at most.
		///
		/// ## Errors
		/// [`Error::UnknownVault`]; if nothing changes [`Error::CoverHolds`], [`Error::CurePeriodRuns`] or [`Error::WindDownRuns`].
		///
		/// ## Events
		/// [`Event::CoverChecked`], [`Event::WindDownBegun`].
		#[pallet::call_index(22)]
		#[pallet::weight(T::WeightInfo::check_cover(T::MaxSites::get()))]
		pub fn check_cover(origin: OriginFor<T>, vault: VaultId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_check_cover(vault)
		}

		/// Marks a type as impaired: its token is frozen or clawed back by its issuer. No new debt, no redemption against it, and the
		/// backstop pool buys none of it. A guardian's mark lapses after seven days unless administrators confirm it, by the same
		/// call.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`] or [`Config::GuardianOrigin`].
		///
		/// ## Errors
		/// [`Error::UnknownType`]; [`Error::Impaired`] if it is marked; [`Error::MarkLapsed`] for a guardian, while an earlier mark
		/// that lapsed was not taken away.
		///
		/// ## Events
		/// [`Event::ImpairmentChanged`].
		#[pallet::call_index(23)]
		#[pallet::weight(T::WeightInfo::impair())]
		pub fn impair(origin: OriginFor<T>, token: TokenId) -> DispatchResult {
			let by_admin = T::AdminOrigin::ensure_origin(origin.clone()).is_ok();
			if !by_admin {
				T::GuardianOrigin::ensure_origin(origin)?;
			}
			Self::do_impair(token, by_admin)
		}

		/// Takes the mark of an impaired type away, also one that has lapsed.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Errors
		/// [`Error::UnknownType`], [`Error::NotImpaired`].
		///
		/// ## Events
		/// [`Event::ImpairmentChanged`].
		#[pallet::call_index(24)]
		#[pallet::weight(T::WeightInfo::restore())]
		pub fn restore(origin: OriginFor<T>, token: TokenId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_restore(token)
		}

		/// Shuts the system down, for good: prices are frozen, interest ends, nothing is drawn, liquidated or redeemed any more.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Blocks with weight left then sweep the vaults, riskiest first, and end the redemptions that wait. An owner takes what is
		/// left once the vault is swept; holders are paid out once all are. A type without a price now goes by its last one.
		///
		/// ## Errors
		/// [`Error::ShutDown`]; [`Error::NoPrice`] if a type with debt never had a price; [`Error::PriceMoves`] while the price of a
		/// type with debt waits for confirmation.
		///
		/// ## Events
		/// [`Event::ShutDownBegun`].
		#[pallet::call_index(25)]
		#[pallet::weight(T::WeightInfo::shut_down())]
		pub fn shut_down(origin: OriginFor<T>) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_shut_down()
		}

		/// Sweeps vaults after the shutdown, at most `vaults` of them.
		///
		/// ## Dispatch Origin
		/// Signed by anybody. Blocks with weight left do it unasked.
		///
		/// ## Details
		/// Takes a vault's debt off it, and the collateral that is worth it at the frozen price, or all it has if that is less.
		///
		/// ## Errors
		/// [`Error::NotShutDown`], [`Error::AllSwept`].
		///
		/// ## Events
		/// [`Event::VaultSwept`] for each.
		#[pallet::call_index(26)]
		#[pallet::weight(T::WeightInfo::sweep_vaults((*vaults).min(MAX_STEPS)))]
		pub fn sweep_vaults(origin: OriginFor<T>, vaults: u32) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let done = Self::do_sweep_vaults(vaults.min(MAX_STEPS))?;
			Ok(Some(T::WeightInfo::sweep_vaults(done)).into())
		}

		/// Burns up to `amount` base units of the signer's KWH for their part of all that was swept.
		///
		/// ## Dispatch Origin
		/// Signed by anybody.
		///
		/// ## Details
		/// Once all vaults are swept. Pays from each type in proportion to its shortfall, without a fee: par, or the same part of
		/// what there is for everybody. What cannot be moved, as of a token that its issuer has frozen, is owed.
		///
		/// ## Errors
		/// [`Error::NotShutDown`], [`Error::NotSwept`], [`Error::ZeroAmount`]; `Token::FundsUnavailable` if the signer has not that
		/// much to spend.
		///
		/// ## Events
		/// [`Event::CashedOut`] for each type, [`Event::PayoutOwed`].
		#[pallet::call_index(27)]
		#[pallet::weight(T::WeightInfo::cash_out())]
		pub fn cash_out(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_cash_out(&who, amount)
		}
	}
}
