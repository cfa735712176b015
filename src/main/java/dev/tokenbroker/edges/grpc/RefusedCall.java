package dev.tokenbroker.edges.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * The exception that ends a refused call. It has no stack trace: one place makes all instances, and
 * a refusal must be cheap under overload.
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
