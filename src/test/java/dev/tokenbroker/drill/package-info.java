/**
 * The drill: faults injected around the packaged broker, each with what the broker must tell the
 * operator, must not tell the caller, must log and must count. src/docs/develop/drill.md says how
 * to run it.
 *
 * <p>Stand-ins and set-up: {@link AlertTrial}, {@link AnswerFaults}, {@link ClientFaults}, {@link
 * CredentialFaults}, {@link DrillFederation}, {@link DrillIssuer}, {@link DrillReport}, {@link
 * DrilledBroker}, {@link Fault}, {@link FaultCheck}, {@link FetchFaults}, {@link FileFault}, {@link
 * KeyFaults}, {@link ListenerDrill}, {@link OwnKey}, {@link OwnTokens}, {@link ProofFaults}, {@link
 * ReadVerdict}, {@link RequestFaults}, {@link RuleFaults}, {@link Scene}, {@link SelectingAlerts},
 * {@link StartFault}, {@link TextFaults}, {@link TlsFaults}, {@link UpstreamFaults}.
 */
@NullMarked
package dev.tokenbroker.drill;

import org.jspecify.annotations.NullMarked;
