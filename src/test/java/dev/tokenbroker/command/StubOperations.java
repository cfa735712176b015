package dev.tokenbroker.command;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.tokenbroker.v1.Candidate;
import dev.tokenbroker.v1.DiffRevisionsRequest;
import dev.tokenbroker.v1.GetCandidateRequest;
import dev.tokenbroker.v1.GetRolloutRequest;
import dev.tokenbroker.v1.PromoteCandidateRequest;
import dev.tokenbroker.v1.RevisionDiff;
import dev.tokenbroker.v1.RollBackRequest;
import dev.tokenbroker.v1.Rollout;
import dev.tokenbroker.v1.TokenBrokerOperationsGrpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A gRPC server whose operations respond as a test says, and that remembers the requests. */
final class StubOperations extends TokenBrokerOperationsGrpc.TokenBrokerOperationsImplBase
    implements AutoCloseable {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final List<Message> requests = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final Server server;
  private volatile Candidate candidate = Candidate.getDefaultInstance();
  private volatile Rollout rollout = Rollout.getDefaultInstance();
  private volatile RevisionDiff diff = RevisionDiff.getDefaultInstance();
  private volatile @Nullable StatusRuntimeException refusal;

  StubOperations() {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try {
      server =
          NettyServerBuilder.forAddress(anyPort)
              .addService(ServerInterceptors.intercept(this, new Remembering()))
              .build()
              .start();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  StubOperations with(Candidate candidate) {
    this.candidate = candidate;
    return this;
  }

  StubOperations with(Rollout rollout) {
    this.rollout = rollout;
    return this;
  }

  StubOperations with(RevisionDiff diff) {
    this.diff = diff;
    return this;
  }

  /** Refuses all calls as a broker does. */
  StubOperations refusing(Status status, ErrorInfo info, BadRequest.FieldViolation... violations) {
    String description = String.valueOf(status.getDescription());
    var details = com.google.rpc.Status.newBuilder().setMessage(description);
    details.addDetails(Any.pack(info));
    if (violations.length > 0) {
      BadRequest request =
          BadRequest.newBuilder().addAllFieldViolations(List.of(violations)).build();
      details.addDetails(Any.pack(request));
    }
    return refusing(status, details.build().toByteArray());
  }

  /** Refuses all calls with these bytes as details. */
  StubOperations refusing(Status status, byte[] details) {
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, details);
    refusal = status.asRuntimeException(trailers);
    return this;
  }

  String address() {
    return "localhost:" + server.getPort();
  }

  List<Message> requests() {
    return requests;
  }

  List<String> authorizations() {
    return authorizations;
  }

  @Override
  public void getCandidate(GetCandidateRequest request, StreamObserver<Candidate> caller) {
    answer(request, candidate, caller);
  }

  @Override
  public void getRollout(GetRolloutRequest request, StreamObserver<Rollout> caller) {
    answer(request, rollout, caller);
  }

  @Override
  public void diffRevisions(DiffRevisionsRequest request, StreamObserver<RevisionDiff> caller) {
    answer(request, diff, caller);
  }

  @Override
  public void promoteCandidate(PromoteCandidateRequest request, StreamObserver<Rollout> caller) {
    answer(request, rollout, caller);
  }

  @Override
  public void rollBack(RollBackRequest request, StreamObserver<Rollout> caller) {
    answer(request, rollout, caller);
  }

  private <T> void answer(Message request, T response, StreamObserver<T> caller) {
    requests.add(request);
    StatusRuntimeException no = refusal;
    if (no != null) {
      caller.onError(no);
      return;
    }
    caller.onNext(response);
    caller.onCompleted();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private final class Remembering implements ServerInterceptor {
    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
        ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
      String authorization = headers.get(AUTHORIZATION);
      authorizations.add(authorization == null ? "" : authorization);
      return next.startCall(call, headers);
    }
  }
}
