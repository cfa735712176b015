package dev.tokenbroker.grpc;

import dev.tokenbroker.door.FirstLook;
import dev.tokenbroker.door.GrpcRequest;
import dev.tokenbroker.door.TargetLength;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import grpc.health.v1.HealthGrpc;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.vertx.grpc.common.impl.Utils;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Stands before the gRPC server, for what that server makes of calls before their messages are
 * messages (gRPC over HTTP/2, Requests).
 *
 * <ul>
 *   <li>A path that is none never reaches it. Such a call is refused here, since HTTP's statuses
 *       are not those of gRPC.
 *   <li>A message that is too large it answers with a bare {@code RESOURCE_EXHAUSTED}, which
 *       clients try again. Here that answer is given its reason.
 *   <li>A message flagged as compressed, where no header says how, it keeps, with all that follows,
 *       until the caller ends. Here such a call is taken to say that nothing is compressed.
 *   <li>A compression that it does not know has it answer nothing. Here it is refused.
 *   <li>What it unpacks it does not count. Our services do ({@link UnreadableMessages}); to those
 *       that are not ours, such as reflection, nothing compressed is let through.
 *   <li>A length of the body, which gRPC has no use for, it compares with the limit on bodies, and
 *       then closes the connection, with all calls on it. Here messages are counted as they come.
 *   <li>Binary metadata that is no base64, or a list, makes it fail. Nothing here reads any, so
 *       none is let through.
 *   <li>All metadata it keeps, twice, for as long as a call lasts, which a watch of health does.
 *       Nobody but the broker's own service reads any, so the others get none.
 * </ul>
 */
@Singleton
final class MessageFraming implements FirstLook {

  private static final CharSequence ENCODING = HttpHeaders.createOptimized("grpc-encoding");
  private static final String NOT_COMPRESSED = "identity";
  private static final String COMPRESSED = "gzip";
  private static final String BROKER = "/" + TokenBrokerGrpc.SERVICE_NAME + "/";
  private static final String HEALTH = "/" + HealthGrpc.SERVICE_NAME + "/";
  private static final CharSequence STATUS = HttpHeaders.createOptimized("grpc-status");

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CALL);
  }

  @Override
  public boolean mayAnswer() {
    return true;
  }

  @Override
  public boolean passes(RoutingContext call) {
    if (call.failed() || TargetLength.isTooMuch(call.request())) {
      refuse(call, RefusalStatus.noMethod());
      return false;
    }
    MultiMap headers = call.request().headers();
    String path = Objects.requireNonNullElse(call.request().path(), "");
    String encoding = Objects.requireNonNullElse(headers.get(ENCODING), NOT_COMPRESSED);
    if (!encoding.equals(NOT_COMPRESSED)) {
      if (!path.startsWith(BROKER) && !path.startsWith(HEALTH)) {
        refuse(call, RefusalStatus.compressed());
        return false;
      }
      if (!encoding.equals(COMPRESSED)) {
        refuse(call, RefusalStatus.compressedOtherwise());
        return false;
      }
    }
    if (path.startsWith(BROKER)) {
      headers.remove(HttpHeaders.CONTENT_LENGTH);
      leaveOutBinary(headers);
    } else {
      headers.clear().set(HttpHeaders.CONTENT_TYPE, GrpcRequest.CONTENT_TYPE);
    }
    headers.set(ENCODING, encoding);
    call.addHeadersEndHandler(_ -> giveReason(call));
    return true;
  }

  private static void leaveOutBinary(MultiMap headers) {
    boolean any = false;
    for (Map.Entry<String, String> header : headers) {
      any |= header.getKey().endsWith(Metadata.BINARY_HEADER_SUFFIX);
    }
    if (any) {
      headers.names().stream()
          .filter(name -> name.endsWith(Metadata.BINARY_HEADER_SUFFIX))
          .forEach(headers::remove);
    }
  }

  private static void giveReason(RoutingContext call) {
    MultiMap answer = call.response().headers();
    // Ours come with details, each of them.
    if (RefusalStatus.TOO_LARGE_BELOW.equals(answer.get(STATUS))
        && !answer.contains(RefusalStatus.DETAILS.name())) {
      write(RefusalStatus.tooLarge(), answer);
      ignoreRest(call);
    }
  }

  /** What else comes would be judged as if nothing had been answered. */
  private static void ignoreRest(RoutingContext call) {
    call.request().handler(null).endHandler(null);
  }

  /** Ends a call before its message is one, unless it has its answer. */
  static void refuse(RoutingContext call, StatusRuntimeException refusal) {
    HttpServerResponse response = call.response();
    ignoreRest(call);
    if (response.ended()) {
      return;
    }
    if (response.headWritten()) {
      write(refusal, response.trailers());
    } else {
      response.headers().set(HttpHeaders.CONTENT_TYPE, GrpcRequest.CONTENT_TYPE);
      write(refusal, response.headers());
    }
    var _ = response.end();
  }

  /** An answer that has no message has its trailers as headers. */
  private static void write(StatusRuntimeException refusal, MultiMap headers) {
    String description = Objects.requireNonNull(refusal.getStatus().getDescription());
    headers.set(STATUS, RefusalStatus.number(refusal));
    headers.set("grpc-message", Utils.utf8PercentEncode(description));
    Utils.writeMetadata(Objects.requireNonNull(refusal.getTrailers()), headers);
  }
}
