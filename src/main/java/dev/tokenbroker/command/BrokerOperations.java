package dev.tokenbroker.command;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.tokenbroker.v1.Candidate;
import dev.tokenbroker.v1.DiffRevisionsRequest;
import dev.tokenbroker.v1.GetCandidateRequest;
import dev.tokenbroker.v1.GetRolloutRequest;
import dev.tokenbroker.v1.KeptRevision;
import dev.tokenbroker.v1.PromoteCandidateRequest;
import dev.tokenbroker.v1.RevisionDiff;
import dev.tokenbroker.v1.RollBackRequest;
import dev.tokenbroker.v1.Rollout;
import dev.tokenbroker.v1.TokenBrokerOperationsGrpc;
import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.stream.Stream;

/** Calls what a running broker offers to operators: its candidate and its revisions. */
final class BrokerOperations {

  private final BrokerCalls calls;

  BrokerOperations(BrokerCalls calls) {
    this.calls = calls;
  }

  /** The candidate and what it would change. */
  Candidate candidate() throws Failure {
    Candidate candidate =
        call(
            TokenBrokerOperationsGrpc.getGetCandidateMethod(),
            GetCandidateRequest.getDefaultInstance(),
            Candidate.parser());
    calls.requireTimes(
        Stream.concat(
            Stream.of(candidate.getLoadTime()),
            candidate.getDifferencesList().stream()
                .flatMap(one -> Stream.of(one.getFirstTime(), one.getLastTime()))));
    if (!(candidate.getShare() >= 0 && candidate.getShare() <= 1)) { // nor not a number
      throw calls.noBroker();
    }
    return candidate;
  }

  /** The revision in force, and those that could replace it. */
  Rollout rollout() throws Failure {
    return checked(
        call(
            TokenBrokerOperationsGrpc.getGetRolloutMethod(),
            GetRolloutRequest.getDefaultInstance(),
            Rollout.parser()));
  }

  /**
   * Has the broker compare two revisions.
   *
   * @param from the earlier one; empty for the one in force
   * @param to the later one; empty for the candidate
   */
  RevisionDiff diff(String from, String to) throws Failure {
    return call(
        TokenBrokerOperationsGrpc.getDiffRevisionsMethod(),
        DiffRevisionsRequest.newBuilder().setFrom(from).setTo(to).build(),
        RevisionDiff.parser());
  }

  /** Has the broker put its candidate in force. */
  Rollout promote(String revision, String reason) throws Failure {
    return checked(
        call(
            TokenBrokerOperationsGrpc.getPromoteCandidateMethod(),
            PromoteCandidateRequest.newBuilder().setRevision(revision).setReason(reason).build(),
            Rollout.parser()));
  }

  /** Has the broker put a kept revision in force again. */
  Rollout rollBack(String revision, String reason) throws Failure {
    return checked(
        call(
            TokenBrokerOperationsGrpc.getRollBackMethod(),
            RollBackRequest.newBuilder().setRevision(revision).setReason(reason).build(),
            Rollout.parser()));
  }

  private Rollout checked(Rollout rollout) throws Failure {
    calls.requireTimes(rollout.getKeptList().stream().map(KeptRevision::getTime));
    return rollout;
  }

  private <T> T call(MethodDescriptor<?, T> method, MessageLite request, Parser<T> parser)
      throws Failure {
    BrokerConnection.Reply reply = calls.send(method, request);
    if (reply.status() == 0) {
      return calls.parsed(reply, parser);
    }
    Optional<CallRefusal> refusal = CallRefusal.of(reply);
    throw refusal.isPresent() ? refusal.get().failure() : BrokerCalls.unanswered(reply, "answer");
  }
}
