package dev.tokenbroker.base.json;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.core.util.RecyclerPool;

/**
 * Builds the JSON factories of the broker, which share one pool of buffers.
 *
 * <p>By default, Jackson keeps buffers for each thread. A virtual thread serves one evaluation, so
 * its 16 KiB of buffers would be garbage after one or two uses. The pool keeps buffers for at most
 * {@value #MOST} parsers and generators at once.
 */
public final class PooledJson {

  private static final int MOST = 64;
  private static final RecyclerPool<BufferRecycler> BUFFERS =
      JsonRecyclerPools.newBoundedPool(MOST);

  private PooledJson() {}

  /** A builder of a factory that takes its buffers from the pool. */
  public static JsonFactoryBuilder builder() {
    return new JsonFactoryBuilder().recyclerPool(BUFFERS);
  }
}
