//! The calls: thin entry points, documented for whoever signs them.

use frame_support::pallet_macros::pallet_section;

/// The calls: thin entry points, documented for whoever signs them.
#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers a site, owned by the caller.
		///
		/// ## Dispatch Origin
		/// Signed.
		///
		/// ## Details
		/// Holds [`Config::SiteDeposit`] of the caller's KWH. The site has no cover until the registrar certifies it.
		///
		/// ## Errors
		/// [`Error::ZeroNameplate`], [`Error::IdsExhausted`], and the currency's if the deposit cannot be held.
		///
		/// ## Events
		/// [`Event::SiteRegistered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_site())]
		pub fn register_site(origin: OriginFor<T>, details: SiteDetails) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_register_site(owner, details)
		}

		/// Certifies a site and names its revenue meter, the one at the connection point whose net counts as cover.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Details
		/// Energy measured from `since` on counts, as far as it is not final yet: the date from which the registrar vouches for
		/// the installation, Unix milliseconds. Attested energy is kept if the site was certified with the same meter before;
		/// with another meter it starts from zero.
		///
		/// ## Errors
		/// [`Error::UnknownSite`], [`Error::UnknownMeter`], [`Error::MeterElsewhere`], [`Error::MissingEnergyRegister`], [`Error::PointTaken`],
		/// [`Error::AlreadyCertified`], [`Error::CertificateInFuture`], [`Error::CertificateBeforeCommissioning`].
		///
		/// ## Events
		/// [`Event::SiteCertified`], and [`Event::RegistersFinal`] if readings of the meter have matured.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::certify_site())]
		pub fn certify_site(
			origin: OriginFor<T>,
			site: SiteId,
			revenue_meter: MeterId,
			since: Moment,
		) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_certify_site(site, revenue_meter, since)
		}

		/// Revokes a site's certificate: its cover is zero at once.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Details
		/// A pledge stays: what follows for the vault is the vault's affair.
		///
		/// ## Errors
		/// [`Error::UnknownSite`], [`Error::NotCertified`].
		///
		/// ## Events
		/// [`Event::CertificateRevoked`], and [`Event::RegistersFinal`] if readings of the meter have matured.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::revoke_certificate())]
		pub fn revoke_certificate(origin: OriginFor<T>, site: SiteId) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_revoke_certificate(site)
		}

		/// Registers a meter at a site.
		///
		/// ## Dispatch Origin
		/// Signed by the site's owner.
		///
		/// ## Details
		/// `registers` is what the meter's registers count, in the order its readings carry them. `proof` shows that the
		/// caller may register the key: without it anybody could register somebody else's key first and lock the device out.
		/// What the registrar approved with a key also says what the device signs. Holds [`Config::MeterDeposit`] of the
		/// owner's KWH. A device key is registered once, ever.
		///
		/// ## Errors
		/// [`Error::UnknownSite`], [`Error::NotOwner`], [`Error::NoRegisters`], [`Error::DuplicateRegister`],
		/// [`Error::TooManyMeters`], [`Error::KeyTaken`], [`Error::BadKey`], [`Error::BadProof`], [`Error::NotApproved`],
		/// [`Error::IdsExhausted`], and the currency's if the deposit cannot be held.
		///
		/// ## Events
		/// [`Event::MeterRegistered`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::register_meter())]
		pub fn register_meter(
			origin: OriginFor<T>,
			site: SiteId,
			key: DeviceKey,
			registers: BoundedVec<Register, MaxRegisters>,
			proof: Proof,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_meter(who, site, key, registers, proof)
		}

		/// Suspends a meter.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`], or signed by the owner of the meter's site.
		///
		/// ## Details
		/// What has matured by now is final. From now on no reading is accepted, and pending ones stay pending.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NotOwner`], [`Error::AlreadySuspended`].
		///
		/// ## Events
		/// [`Event::MeterSuspended`], and [`Event::RegistersFinal`] if readings have matured.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::suspend_meter())]
		pub fn suspend_meter(origin: OriginFor<T>, meter: MeterId) -> DispatchResult {
			match T::RegistrarOrigin::try_origin(origin) {
				Ok(_) => Self::do_suspend_meter(meter, None),
				Err(origin) => Self::do_suspend_meter(meter, Some(ensure_signed(origin)?)),
			}
		}

		/// Resumes a suspended meter.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Details
		/// Pending readings go on; those whose window ended meanwhile are final from now on. What was slashed of the meter's
		/// deposit is held of the site owner's KWH again.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NotSuspended`], and the currency's if the deposit cannot be held.
		///
		/// ## Events
		/// [`Event::MeterResumed`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::resume_meter())]
		pub fn resume_meter(origin: OriginFor<T>, meter: MeterId) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_resume_meter(meter)
		}

		/// Records one reading.
		///
		/// ## Dispatch Origin
		/// None: a feeless general transaction, authorised by the device's `signature` over
		/// [`Reading::signed_payload`](baseload_primitives::Reading::signed_payload).
		///
		/// ## Details
		/// Refused before it enters a block, with a [`Refusal`](baseload_primitives::Refusal), or accepted: then it is pending
		/// until the challenge window, as set now, is over. Of a meter's transactions the pool keeps the one with the highest
		/// sequence.
		///
		/// ## Errors
		/// None after authorisation.
		///
		/// ## Events
		/// [`Event::ReadingAccepted`].
		#[pallet::call_index(6)]
		#[pallet::weight(Pallet::<T>::weight_of_accept(1))]
		#[pallet::authorize(|_source, meter, reading, signature| Self::authorize_reading(*meter, reading, signature))]
		#[pallet::weight_of_authorize(Pallet::<T>::beyond_base(Pallet::<T>::weight_of_authorize_reading(signature)))]
		pub fn submit_reading(
			origin: OriginFor<T>,
			meter: MeterId,
			reading: Reading,
			signature: DeviceSignature,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			// Verified by `authorize_reading`.
			let _ = signature;
			Ok(Self::accept_reading(meter, &reading))
		}

		/// Records consecutive readings of one meter, at once or not at all.
		///
		/// ## Dispatch Origin
		/// None: a feeless general transaction, authorised by the device's signature of every reading.
		///
		/// ## Details
		/// For a gateway that was cut off. Every reading is judged against the one before it. One bad reading refuses the
		/// whole backlog before it enters a block.
		///
		/// ## Errors
		/// None after authorisation.
		///
		/// ## Events
		/// [`Event::BacklogAccepted`].
		#[pallet::call_index(7)]
		#[pallet::weight(Pallet::<T>::weight_of_accept(readings.len() as u32))]
		#[pallet::authorize(|_source, meter, readings| Self::authorize_backlog(*meter, readings))]
		#[pallet::weight_of_authorize(Pallet::<T>::beyond_base(Pallet::<T>::weight_of_authorize_backlog(readings)))]
		pub fn submit_backlog(
			origin: OriginFor<T>,
			meter: MeterId,
			readings: BoundedVec<SignedReading, T::MaxBacklog>,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			Ok(Self::accept_backlog(meter, readings))
		}

		/// Sets the challenge window of meters registered from now on.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// `window` is milliseconds of open time, within [`CHALLENGE_WINDOWS`]. Meters that exist keep theirs; see
		/// [`Pallet::set_policy`].
		///
		/// ## Errors
		/// [`Error::WindowOutOfBounds`].
		///
		/// ## Events
		/// [`Event::ChallengeWindowChanged`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_challenge_window())]
		pub fn set_challenge_window(origin: OriginFor<T>, window: Moment) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_challenge_window(window)
		}

		/// Records one OCMF record.
		///
		/// ## Dispatch Origin
		/// None: a feeless general transaction, authorised by the device's signature over the record's own bytes.
		///
		/// ## Details
		/// The record's pagination is the sequence; the newest time in it is the time of measurement; each register that the
		/// meter declares is taken from the cumulative register of that direction and band ([`baseload_ocmf`]). Otherwise as
		/// [`Pallet::submit_reading`].
		///
		/// ## Errors
		/// None after authorisation.
		///
		/// ## Events
		/// [`Event::ReadingAccepted`].
		#[pallet::call_index(9)]
		#[pallet::weight(Pallet::<T>::weight_of_accept(1).saturating_add(T::WeightInfo::read_ocmf(record.len() as u32)))]
		#[pallet::authorize(|_source, meter, record| Self::authorize_ocmf(*meter, record))]
		#[pallet::weight_of_authorize(Pallet::<T>::beyond_base(
			T::WeightInfo::authorize_submit_ocmf(record.len() as u32, T::MaxPending::get())
		))]
		pub fn submit_ocmf(origin: OriginFor<T>, meter: MeterId, record: OcmfRecord) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			Ok(Self::accept_ocmf(meter, &record))
		}

		/// Records readings of many meters for a fee, skipping what is refused.
		///
		/// ## Dispatch Origin
		/// Signed: whoever relays, and pays.
		///
		/// ## Details
		/// Each row is judged as [`Pallet::submit_reading`] judges it, after the rows before it. A bad row never spoils the rest.
		///
		/// ## Errors
		/// None; refused rows are in the event.
		///
		/// ## Events
		/// [`Event::ReadingAccepted`] for every row accepted, [`Event::RowsRefused`] if some were not.
		#[pallet::call_index(10)]
		#[pallet::weight(Pallet::<T>::weight_of_relay(rows))]
		pub fn relay(origin: OriginFor<T>, rows: BoundedVec<(MeterId, SignedReading), T::MaxRelay>) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_relay(rows);
			Ok(())
		}

		/// Registers a meter that cannot sign, to be read by a committee.
		///
		/// ## Dispatch Origin
		/// Signed by the site's owner.
		///
		/// ## Details
		/// Nothing can be reported before the registrar has named the committee. Holds [`Config::MeterDeposit`].
		///
		/// ## Errors
		/// Those of [`Pallet::register_meter`] that do not concern a key.
		///
		/// ## Events
		/// [`Event::MeterRegistered`].
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::register_committee_meter())]
		pub fn register_committee_meter(
			origin: OriginFor<T>,
			site: SiteId,
			registers: BoundedVec<Register, MaxRegisters>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_committee_meter(who, site, registers)
		}

		/// Approves a device key for a site: of a meter that cannot sign a proof of possession, or of a device that replaces
		/// another.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Details
		/// `ocmf` tells what the device's OCMF records look like; none if it signs this chain's own payload. An approval can be
		/// replaced until it is used.
		///
		/// ## Errors
		/// [`Error::UnknownSite`], [`Error::KeyTaken`], [`Error::BadKey`].
		///
		/// ## Events
		/// [`Event::KeyApproved`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::approve_key())]
		pub fn approve_key(origin: OriginFor<T>, site: SiteId, key: DeviceKey, ocmf: Option<Ocmf>) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_approve_key(site, key, ocmf)
		}

		/// Sets how a meter's readings are judged from now on.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Details
		/// Readings that wait keep what they were accepted under. Another check meter starts the comparison anew.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::BadPolicy`], [`Error::BadCheck`], [`Error::CheckIsBilled`].
		///
		/// ## Events
		/// [`Event::PolicyChanged`], and [`Event::RegistersFinal`] if readings have matured.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::set_policy())]
		pub fn set_policy(origin: OriginFor<T>, meter: MeterId, policy: Policy) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_set_policy(meter, policy)
		}

		/// Names the attestors that decide about a meter's readings from now on, or none.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Details
		/// `quorum` is how many must say the same, more than half of `members`; no members and 0 for no committee. Readings
		/// that wait keep the committee they were accepted under, which is why only one change at a time may be under way.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::BadCommittee`], [`Error::CommitteePending`], [`Error::CommitteeNeeded`],
		/// [`Error::IdsExhausted`].
		///
		/// ## Events
		/// [`Event::CommitteeChanged`], and [`Event::RegistersFinal`] if readings have matured.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::set_committee())]
		pub fn set_committee(
			origin: OriginFor<T>,
			meter: MeterId,
			members: BoundedVec<T::AccountId, MaxCommittee>,
			quorum: u32,
		) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_set_committee(meter, members, quorum)
		}

		/// Gives a meter's device another key.
		///
		/// ## Dispatch Origin
		/// Signed by the site's owner.
		///
		/// ## Details
		/// `proof` is the new key's over [`possession_payload`](baseload_primitives::possession_payload), `consent` the old
		/// key's over [`rotation_payload`](baseload_primitives::rotation_payload). The old key stays taken for ever. A device that
		/// lost its key is replaced: [`Pallet::replace_device`].
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NotOwner`], [`Error::NoDevice`], [`Error::KeyTaken`], [`Error::BadKey`],
		/// [`Error::BadProof`].
		///
		/// ## Events
		/// [`Event::KeyChanged`].
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::rotate_key())]
		pub fn rotate_key(
			origin: OriginFor<T>,
			meter: MeterId,
			key: DeviceKey,
			proof: DeviceSignature,
			consent: DeviceSignature,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_rotate_key(who, meter, key, proof, consent)
		}

		/// Records that a meter's device was replaced by another.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Details
		/// The meter must be suspended. Its registers go on from the newest measured final reading, which may be one that the
		/// committee reported of the old device after it was suspended; `opening` is what the new device shows at that moment.
		/// Readings that still wait are dropped. The new key needs the registrar's own approval: [`Pallet::approve_key`].
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NoDevice`], [`Error::StillActive`], [`Error::NotApproved`],
		/// [`Error::WrongRegisters`].
		///
		/// ## Events
		/// [`Event::DeviceReplaced`], [`Event::KeyChanged`].
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::replace_device())]
		pub fn replace_device(
			origin: OriginFor<T>,
			meter: MeterId,
			key: DeviceKey,
			opening: Registers,
		) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_replace_device(meter, key, opening)
		}

		/// Becomes an attestor, or raises an attestor's bond.
		///
		/// ## Dispatch Origin
		/// Signed.
		///
		/// ## Details
		/// Holds `amount` of the caller's BLD, base units.
		///
		/// ## Errors
		/// [`Error::ZeroAmount`], [`Error::BelowMinBond`], [`Error::AttestorLeaving`], and the currency's if the bond cannot be
		/// held.
		///
		/// ## Events
		/// [`Event::Bonded`].
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::bond())]
		pub fn bond(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond(who, amount)
		}

		/// Starts leaving: no dispute and no new seat from now on, and the bond is free after [`Config::AttestorNotice`].
		///
		/// ## Dispatch Origin
		/// Signed by an attestor.
		///
		/// ## Details
		/// The bond can be slashed until it is withdrawn, and until then members of committees go on voting and reporting. What
		/// the caller has at stake must be decided first.
		///
		/// ## Errors
		/// [`Error::NotAttestor`], [`Error::AttestorLeaving`], [`Error::AttestorEngaged`].
		///
		/// ## Events
		/// [`Event::Leaving`].
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::unbond())]
		pub fn unbond(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unbond(who)
		}

		/// Takes the bond back after the notice.
		///
		/// ## Dispatch Origin
		/// Signed by an attestor.
		///
		/// ## Errors
		/// [`Error::NotAttestor`], [`Error::NotLeaving`], [`Error::BondNotFree`].
		///
		/// ## Events
		/// [`Event::Left`].
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::withdraw_bond())]
		pub fn withdraw_bond(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_bond(who)
		}

		/// Reports a reading as a member of the meter's committee.
		///
		/// ## Dispatch Origin
		/// Signed by a member that has not withdrawn its bond.
		///
		/// ## Details
		/// For a meter that cannot sign, or one whose device is suspended. A member has one report at a time and may replace
		/// it. As soon as a quorum has reported the very same reading, it is final. Free of charge, unless it only replaces
		/// the member's report.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::StillActive`], [`Error::NotMember`], [`Error::NotAttestor`],
		/// [`Error::BelowMinBond`]; [`Error::Refused`] if the reading is not plausible, or the meter has no device and is suspended.
		///
		/// ## Events
		/// [`Event::QuorumReached`] and [`Event::RegistersFinal`] when the quorum is reached.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::report())]
		pub fn report(origin: OriginFor<T>, meter: MeterId, reading: Reading) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Ok(Self::do_report(who, meter, reading)?.into())
		}

		/// Disputes a reading that waits for its challenge window to end.
		///
		/// ## Dispatch Origin
		/// Signed by an attestor that is not leaving.
		///
		/// ## Details
		/// Puts [`Config::DisputeStake`] of the bond at stake. `evidence` is the hash of what the committee should read.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NotAttestor`], [`Error::AttestorLeaving`], [`Error::BelowMinBond`],
		/// [`Error::NotPending`], [`Error::WindowOver`], [`Error::AlreadyDisputed`], [`Error::AlreadyVoted`],
		/// [`Error::StakeTooHigh`].
		///
		/// ## Events
		/// [`Event::Disputed`].
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::dispute())]
		pub fn dispute(origin: OriginFor<T>, meter: MeterId, sequence: u64, evidence: H256) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_dispute(who, meter, sequence, evidence)
		}

		/// Votes about a disputed or held reading, as a member of the committee it was accepted under.
		///
		/// ## Dispatch Origin
		/// Signed by a member that has not withdrawn its bond.
		///
		/// ## Details
		/// The vote that completes a quorum decides. Free of charge when it counts.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NotPending`], [`Error::NothingToDecide`], [`Error::NotMember`],
		/// [`Error::NotAttestor`], [`Error::BelowMinBond`], [`Error::OwnDispute`], [`Error::AlreadyVoted`].
		///
		/// ## Events
		/// [`Event::Voted`]; with the quorum [`Event::Decided`] and what follows.
		#[pallet::call_index(22)]
		#[pallet::weight(T::WeightInfo::vote())]
		pub fn vote(
			origin: OriginFor<T>,
			meter: MeterId,
			sequence: u64,
			verdict: Verdict,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_vote(who, meter, sequence, verdict)?;
			Ok(Pays::No.into())
		}

		/// Decides about a disputed or held reading, where the committee cannot or there is none.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NotPending`], [`Error::NothingToDecide`].
		///
		/// ## Events
		/// [`Event::Decided`] and what follows.
		#[pallet::call_index(23)]
		#[pallet::weight(T::WeightInfo::decide())]
		pub fn decide(origin: OriginFor<T>, meter: MeterId, sequence: u64, verdict: Verdict) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_decide(meter, sequence, verdict)
		}

		/// Ends a dispute about which nobody decided in time, or whose reading is gone.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// Frees the attestor's stake, less [`Config::LapseFee`] once the voting period is over. Before that there is something to
		/// close only if the reading was dropped with an earlier one, and no fee. To clear away votes that bind no stake costs no
		/// transaction fee.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NoDispute`], [`Error::DisputeOpen`].
		///
		/// ## Events
		/// [`Event::DisputeClosed`].
		#[pallet::call_index(24)]
		#[pallet::weight(T::WeightInfo::close_dispute())]
		pub fn close_dispute(origin: OriginFor<T>, meter: MeterId, sequence: u64) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Ok(Self::do_close_dispute(meter, sequence)?.into())
		}

		/// Proves that a meter's device signed two different readings of one sequence.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// `key` is the one that signed both: the device's, or one that it had before. Two signatures of the same reading prove
		/// nothing, since signatures can be varied, nor does a sequence that the meter has not reached. The meter's deposit is
		/// slashed, part of it for the reporter; readings that wait are dropped and the meter is suspended. Each sequence is
		/// punished once.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NoEquivocation`], [`Error::AlreadyPunished`].
		///
		/// ## Events
		/// [`Event::EquivocationProven`], [`Event::DepositSlashed`], [`Event::MeterSuspended`].
		#[pallet::call_index(25)]
		#[pallet::weight(T::WeightInfo::report_equivocation())]
		pub fn report_equivocation(
			origin: OriginFor<T>,
			meter: MeterId,
			key: DeviceKey,
			first: Evidence,
			second: Evidence,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_report_equivocation(who, meter, key, first, second)
		}

		/// Proves that an attestor vouched for a reading whose device signature fails.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// All of the attestor's bond that is not at stake is slashed, part of it for the reporter.
		///
		/// ## Errors
		/// [`Error::NotAttestor`], [`Error::UnknownMeter`], [`Error::NoFalseVouch`].
		///
		/// ## Events
		/// [`Event::FalseVouchProven`], [`Event::AttestorSlashed`].
		#[pallet::call_index(26)]
		#[pallet::weight(T::WeightInfo::report_false_vouch())]
		pub fn report_false_vouch(
			origin: OriginFor<T>,
			attestor: T::AccountId,
			voucher: Voucher,
			signature: T::Signature,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_report_false_vouch(who, attestor, voucher, signature)
		}

		/// Takes the pay that the caller has earned as an attestor.
		///
		/// ## Dispatch Origin
		/// Signed by whoever has earned it: an attestor, leaving or gone included.
		///
		/// ## Errors
		/// [`Error::NothingToClaim`], and the currency's if the amount would not keep the caller's account alive; then it stays
		/// to be claimed.
		///
		/// ## Events
		/// [`Event::PayClaimed`].
		#[pallet::call_index(27)]
		#[pallet::weight(T::WeightInfo::claim_pay())]
		pub fn claim_pay(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim_pay(who)
		}

		/// Watches for a register of a meter to be finally at or beyond a count.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the meter's site.
		///
		/// ## Details
		/// The count is in Wh, or in units of service. If the register stands there already, the newest final reading proves it.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NotOwner`], [`Error::UndeclaredRegister`], [`Error::AlreadyWatched`],
		/// [`Error::TooManyThresholds`].
		///
		/// ## Events
		/// [`Event::ThresholdWatched`]; [`Event::ThresholdReached`], at once or with a later reading;
		/// [`Event::RegistersFinal`] if readings have matured.
		#[pallet::call_index(28)]
		#[pallet::weight(T::WeightInfo::watch_threshold())]
		pub fn watch_threshold(origin: OriginFor<T>, meter: MeterId, threshold: Threshold) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_watch_threshold(who, meter, threshold)
		}

		/// Removes a meter.
		///
		/// ## Dispatch Origin
		/// Signed by the owner of the meter's site.
		///
		/// ## Details
		/// The meter must have been suspended for [`Config::MeterNotice`] of open time: nothing that it ever said can be
		/// challenged or voted about any more, and who holds the proof of a fraud had the time to show it. What is left of the
		/// deposit goes back to the owner, members of the committee lose their seats, and readings that still wait are dropped.
		/// The key stays taken for ever. First and newest final reading, month starts and reached thresholds stay known for
		/// ever, for the bills that stand on them.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NotOwner`], [`Error::IsRevenueMeter`], [`Error::IsChecked`],
		/// [`Error::ChecksAnother`], [`Error::StillBilled`], [`Error::NotSuspended`], [`Error::DepositNotFree`],
		/// [`Error::DisputeUnclosed`], and the currency's if the deposit would not keep the owner's account alive.
		///
		/// ## Events
		/// [`Event::MeterRemoved`].
		#[pallet::call_index(29)]
		#[pallet::weight(T::WeightInfo::remove_meter())]
		pub fn remove_meter(origin: OriginFor<T>, meter: MeterId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove_meter(who, meter)
		}

		/// Removes a site.
		///
		/// ## Dispatch Origin
		/// Signed by the site's owner.
		///
		/// ## Details
		/// Its meters must be removed first, so that it is certified no more. The deposit goes back to the owner.
		///
		/// ## Errors
		/// [`Error::UnknownSite`], [`Error::NotOwner`], [`Error::SiteHasMeters`], [`Error::StillPledged`], and the currency's if
		/// the deposit would not keep the owner's account alive.
		///
		/// ## Events
		/// [`Event::SiteRemoved`].
		#[pallet::call_index(30)]
		#[pallet::weight(T::WeightInfo::remove_site())]
		pub fn remove_site(origin: OriginFor<T>, site: SiteId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove_site(who, site)
		}
	}
}
