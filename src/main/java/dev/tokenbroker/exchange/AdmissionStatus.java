package dev.tokenbroker.exchange;

/**
 * What admission has done since the start, and how it stands.
 *
 * @param overloaded whether evaluations wait for longer than they ought to
 * @param limit how many may wait for a processor, at this moment
 * @param waiting how many do
 * @param inFlight how many evaluations and checks of proofs were admitted and have not ended
 * @param admitted evaluations and checks of proofs let in, and begun
 * @param refusedWaiting refused because too many waited for a thread
 * @param refusedInFlight refused because too many were under way, or shared one that was
 * @param refusedLate let in, and refused because they had waited for too long
 * @param refusedCredential refused because of their credential's rate
 * @param expired dropped because their deadline had passed
 */
public record AdmissionStatus(
    boolean overloaded,
    int limit,
    int waiting,
    int inFlight,
    long admitted,
    long refusedWaiting,
    long refusedInFlight,
    long refusedLate,
    long refusedCredential,
    long expired) {}
