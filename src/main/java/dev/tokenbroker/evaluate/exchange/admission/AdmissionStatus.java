package dev.tokenbroker.evaluate.exchange.admission;

/**
 * The counts of admission since the start, and its present state.
 *
 * @param overloaded whether the broker is overloaded
 * @param limit how many may wait for a processor, at this moment
 * @param waiting how many wait
 * @param inFlight how many evaluations and checks of proofs were admitted and have not ended
 * @param admitted evaluations and checks of proofs that were admitted and begun
 * @param refusedWaiting refused because too many waited for a thread
 * @param refusedInFlight refused because too many were under way, or shared one
 * @param refusedLate admitted, and refused because they had waited for too long
 * @param refusedCredential refused because of their credential's rate
 * @param expired refused because their deadline had passed
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
