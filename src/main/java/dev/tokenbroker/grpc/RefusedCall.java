package dev.tokenbroker.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Ends a call that was refused. It has no stack trace: it is an answer and no failure, the same
 * place throws it each time, and under overload refusing must cost next to nothing.
 */
final class RefusedCall extends StatusRuntimeException {

  RefusedCall(Status status, Metadata trailers) {
    super(status, trailers);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
