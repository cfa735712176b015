package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.v1.TokenBrokerGrpc;

/** The names under which the gRPC health protocol tells of the broker, for tests elsewhere. */
public final class ServingNames {

  /** Served as long as the process answers. */
  public static final String LIVE = GrpcServer.LIVE;

  /** Served while the broker can do its work. */
  public static final String BROKER = TokenBrokerGrpc.SERVICE_NAME;

  private ServingNames() {}
}
