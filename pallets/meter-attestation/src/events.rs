//! What the pallet tells the world.

use frame_support::pallet_macros::pallet_section;

/// What the pallet tells the world.
#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A site was registered.
		SiteRegistered {
			/// Its id.
			site: SiteId,
			/// Who owns it.
			owner: T::AccountId,
		},
		/// A site was certified.
		SiteCertified {
			/// The site.
			site: SiteId,
			/// The revenue meter before, if the site was certified already.
			old: Option<MeterId>,
			/// The revenue meter from now on.
			new: MeterId,
		},
		/// A site's certificate was revoked: its cover is zero.
		CertificateRevoked {
			/// The site.
			site: SiteId,
			/// Its revenue meter until now.
			old: MeterId,
		},
		/// A meter was registered.
		MeterRegistered {
			/// Its id.
			meter: MeterId,
			/// Where it stands.
			site: SiteId,
			/// Its public key; `None`: a committee reads it.
			key: Option<DeviceKey>,
		},
		/// A meter was removed. Its history stays known; its key stays taken.
		MeterRemoved {
			/// The meter.
			meter: MeterId,
			/// Where it stood.
			site: SiteId,
			/// KWH given back to the site's owner.
			deposit: Balance,
		},
		/// A site was removed.
		SiteRemoved {
			/// The site.
			site: SiteId,
			/// Whose it was.
			owner: T::AccountId,
			/// KWH given back to the owner.
			deposit: Balance,
		},
		/// The registrar approved a device key.
		KeyApproved {
			/// The key.
			key: DeviceKey,
			/// Where it may be registered.
			site: SiteId,
		},
		/// A meter has another key: rotated by its owner, or its device was replaced.
		KeyChanged {
			/// The meter.
			meter: MeterId,
			/// The key before.
			old: Option<DeviceKey>,
			/// The key from now on.
			new: Option<DeviceKey>,
		},
		/// A meter's device was replaced. Its registers go on from the closing ones.
		DeviceReplaced {
			/// The meter.
			meter: MeterId,
			/// The meter's registers at the end of the old device.
			closing: Registers,
			/// What the new device showed at the beginning.
			opening: Registers,
		},
		/// A meter has another policy.
		PolicyChanged {
			/// The meter.
			meter: MeterId,
			/// The policy before.
			old: Policy,
			/// The policy of readings accepted from now on.
			new: Policy,
		},
		/// A meter has another committee.
		CommitteeChanged {
			/// The meter.
			meter: MeterId,
			/// Number of the committee before; 0: none.
			old: u32,
			/// Number of the committee of readings accepted from now on; 0: none.
			new: u32,
			/// How many of its members must say the same.
			quorum: u32,
		},
		/// A meter was suspended: no reading is accepted and none becomes final.
		MeterSuspended {
			/// The meter.
			meter: MeterId,
		},
		/// A meter was resumed.
		MeterResumed {
			/// The meter.
			meter: MeterId,
		},
		/// A reading was accepted.
		ReadingAccepted {
			/// The meter.
			meter: MeterId,
			/// Its sequence.
			sequence: u64,
			/// When it was measured.
			measured_at: Moment,
			/// What is unusual about it.
			flags: Flags,
			/// Open time at which it becomes final.
			final_at: Moment,
			/// Sequence and time of measurement of the newest earlier reading, if some had matured: they are final, and written down
			/// with this one.
			settled: Option<(u64, Moment)>,
		},
		/// A backlog was accepted.
		BacklogAccepted {
			/// The meter.
			meter: MeterId,
			/// Number of readings.
			count: u32,
			/// First sequence.
			first: u64,
			/// Last sequence.
			last: u64,
			/// Open time at which they become final.
			final_at: Moment,
			/// Sequence and time of measurement of the newest earlier reading, if some had matured: they are final, and written down
			/// with these.
			settled: Option<(u64, Moment)>,
		},
		/// Rows of a relayer's batch were refused.
		RowsRefused {
			/// The row's place in the batch, and why.
			rows: Vec<(u32, Refusal)>,
		},
		/// Readings became final, as written down with a change of the meter, however many they are. With the meter's next reading, it is
		/// [`Event::ReadingAccepted`] or [`Event::BacklogAccepted`] that says so.
		RegistersFinal {
			/// The meter.
			meter: MeterId,
			/// Sequence of the newest final reading.
			sequence: u64,
			/// When it was measured.
			measured_at: Moment,
			/// Its registers.
			registers: Registers,
			/// What is unusual about it.
			flags: Flags,
		},
		/// A threshold is watched for.
		ThresholdWatched {
			/// The meter.
			meter: MeterId,
			/// The register and the count.
			threshold: Threshold,
		},
		/// A final reading reached a threshold.
		ThresholdReached {
			/// The meter.
			meter: MeterId,
			/// The register and the count.
			threshold: Threshold,
			/// When the reading was measured.
			measured_at: Moment,
			/// Open time at which it became final.
			known_at: Moment,
		},
		/// A meter's check meter agreed: all its readings up to this one are final.
		ChecksAgree {
			/// The meter.
			meter: MeterId,
			/// Its check meter.
			check: MeterId,
			/// The newest sequence of the meter that is final by that.
			sequence: u64,
		},
		/// A quorum of a meter's committee reported the same: it is final.
		QuorumReached {
			/// The meter.
			meter: MeterId,
			/// The sequence.
			sequence: u64,
		},
		/// An attestor bonded.
		Bonded {
			/// Who.
			who: T::AccountId,
			/// BLD bonded before.
			old: Balance,
			/// BLD bonded now.
			new: Balance,
		},
		/// An attestor is leaving.
		Leaving {
			/// Who.
			who: T::AccountId,
			/// Open time from which the bond is free.
			free_at: Moment,
		},
		/// An attestor left, its bond is free.
		Left {
			/// Who.
			who: T::AccountId,
			/// BLD freed.
			bond: Balance,
		},
		/// An attestor was slashed.
		AttestorSlashed {
			/// Who.
			who: T::AccountId,
			/// BLD slashed.
			amount: Balance,
			/// Who won it, and how much of it.
			winner: Option<(T::AccountId, Balance)>,
		},
		/// Those who serve a meter were paid for it out of a bill. They can claim their shares.
		AttestorsPaid {
			/// The meter.
			meter: MeterId,
			/// KWH for each of them.
			share: Balance,
			/// How many they are.
			attestors: u32,
		},
		/// An attestor claimed its pay.
		PayClaimed {
			/// Who.
			who: T::AccountId,
			/// KWH paid.
			amount: Balance,
		},
		/// The deposit of a meter was slashed.
		DepositSlashed {
			/// The meter.
			meter: MeterId,
			/// KWH slashed.
			amount: Balance,
			/// Who won it, and how much of it.
			winner: Option<(T::AccountId, Balance)>,
		},
		/// A reading is disputed.
		Disputed {
			/// The meter.
			meter: MeterId,
			/// The sequence.
			sequence: u64,
			/// Who disputes it.
			by: T::AccountId,
			/// Hash of the evidence.
			evidence: H256,
			/// Open time until which the committee can decide.
			until: Moment,
		},
		/// A committee member voted.
		Voted {
			/// The meter.
			meter: MeterId,
			/// The sequence.
			sequence: u64,
			/// Who.
			who: T::AccountId,
			/// What it said.
			verdict: Verdict,
		},
		/// A disputed or held reading was decided about.
		Decided {
			/// The meter.
			meter: MeterId,
			/// The sequence.
			sequence: u64,
			/// The verdict.
			verdict: Verdict,
			/// How many readings were dropped: the wrong one, and those after it.
			dropped: u32,
		},
		/// A dispute ended without a verdict: nobody decided in time, or the reading is gone.
		DisputeClosed {
			/// The meter.
			meter: MeterId,
			/// The sequence.
			sequence: u64,
			/// BLD that it cost the attestor.
			fee: Balance,
		},
		/// A device signed two different readings of one sequence.
		EquivocationProven {
			/// The meter.
			meter: MeterId,
			/// The sequence.
			sequence: u64,
			/// Who reported it.
			by: T::AccountId,
		},
		/// An attestor vouched for a reading whose signature fails.
		FalseVouchProven {
			/// The attestor.
			who: T::AccountId,
			/// The meter.
			meter: MeterId,
			/// Who reported it.
			by: T::AccountId,
		},
		/// Another challenge window applies to meters registered from now on.
		ChallengeWindowChanged {
			/// Milliseconds before.
			old: Moment,
			/// Milliseconds from now on.
			new: Moment,
		},
		/// A site was pledged to a vault.
		SitePledged {
			/// The site.
			site: SiteId,
			/// The vault.
			vault: VaultId,
		},
		/// A site is no longer pledged to a vault.
		SiteReleased {
			/// The site.
			site: SiteId,
			/// The vault.
			vault: VaultId,
		},
	}
}
