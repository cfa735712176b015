package dev.tokenbroker.grpc;

import dev.tokenbroker.rehearsal.candidate.FederationRollout;
import dev.tokenbroker.rehearsal.candidate.RolloutRequest;
import dev.tokenbroker.v1.Candidate;
import dev.tokenbroker.v1.ChangeEvent;
import dev.tokenbroker.v1.DiffRevisionsRequest;
import dev.tokenbroker.v1.GetCandidateRequest;
import dev.tokenbroker.v1.GetRolloutRequest;
import dev.tokenbroker.v1.PromoteCandidateRequest;
import dev.tokenbroker.v1.RevisionDiff;
import dev.tokenbroker.v1.RollBackRequest;
import dev.tokenbroker.v1.Rollout;
import dev.tokenbroker.v1.TokenBrokerOperationsGrpc;
import dev.tokenbroker.v1.WatchChangesRequest;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;

/** Implements the gRPC methods for operators. Every method runs on a virtual thread. */
@Singleton
public final class OperationsService implements TokenBrokerOperationsGrpc.AsyncService {

  private final FederationRollout rollout;
  private final UnaryCalls calls;
  private final ChangeStream changes;

  OperationsService(FederationRollout rollout, UnaryCalls calls, ChangeStream changes) {
    this.rollout = rollout;
    this.calls = calls;
    this.changes = changes;
  }

  @Override
  public void getCandidate(GetCandidateRequest message, StreamObserver<Candidate> answer) {
    Caller caller = Caller.current();
    calls.onThread(
        answer,
        () ->
            UnaryCalls.granted(
                rollout.candidate(caller.operator()).map(OperationsMessages::candidate)));
  }

  @Override
  public void getRollout(GetRolloutRequest message, StreamObserver<Rollout> answer) {
    Caller caller = Caller.current();
    calls.onThread(
        answer,
        () ->
            UnaryCalls.granted(rollout.status(caller.operator()).map(OperationsMessages::rollout)));
  }

  @Override
  public void diffRevisions(DiffRevisionsRequest message, StreamObserver<RevisionDiff> answer) {
    Caller caller = Caller.current();
    calls.onThread(
        answer,
        () ->
            UnaryCalls.granted(
                rollout
                    .diff(caller.operator(), message.getFrom(), message.getTo())
                    .map(OperationsMessages::diff)));
  }

  @Override
  public void promoteCandidate(PromoteCandidateRequest message, StreamObserver<Rollout> answer) {
    Caller caller = Caller.current();
    RolloutRequest request = new RolloutRequest(message.getRevision(), message.getReason());
    calls.onThread(
        answer,
        () ->
            UnaryCalls.granted(
                rollout.promote(caller.operator(), request).map(OperationsMessages::rollout)));
  }

  @Override
  public void rollBack(RollBackRequest message, StreamObserver<Rollout> answer) {
    Caller caller = Caller.current();
    RolloutRequest request = new RolloutRequest(message.getRevision(), message.getReason());
    calls.onThread(
        answer,
        () ->
            UnaryCalls.granted(
                rollout.rollBack(caller.operator(), request).map(OperationsMessages::rollout)));
  }

  @Override
  public void watchChanges(WatchChangesRequest message, StreamObserver<ChangeEvent> answer) {
    changes.start(Caller.current(), message.getAfterId(), answer);
  }
}
