package dev.tokenbroker.door;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Counts what waits in one connection until its peer opens a window (RFC 9113 section 5.2): the
 * flow controller below keeps as much as is written and tells nobody how much it is.
 *
 * <p>A frame is counted when it is written, since whether it leaves in the same turn is known only
 * at the end of that. Confined to the event loop of the connection.
 */
final class FlowBacklog implements Http2RemoteFlowController {

  /**
   * What a frame takes beside its bytes: its buffers, its promise, its places in queues. A thousand
   * answers of the usual size fit one connection, with {@linkplain RequestHeads their requests}.
   */
  private static final int FRAME_BYTES = 256;

  private final Http2RemoteFlowController flow;
  private long bytes;
  private long taken;

  private FlowBacklog(Http2RemoteFlowController flow) {
    this.flow = flow;
  }

  /** That of the connection, on which nothing has been answered before. */
  static FlowBacklog of(Http2Connection connection) {
    FlowBacklog backlog = new FlowBacklog(connection.remote().flowController());
    connection.remote().flowController(backlog);
    return backlog;
  }

  /** How many bytes wait. */
  long bytes() {
    return bytes;
  }

  /** How many have waited, for however short a time, and wait no longer: sent, or taken back. */
  long taken() {
    return taken;
  }

  /** A frame that is counted until it is sent, or its stream ends. */
  private final class Waiting implements FlowControlled {

    private final FlowControlled frame;
    private int counted;

    Waiting(FlowControlled frame) {
      this.frame = frame;
      this.counted = frame.size() + FRAME_BYTES;
      bytes += counted;
    }

    @Override
    public int size() {
      return frame.size();
    }

    @Override
    public void write(ChannelHandlerContext context, int allowed) {
      int before = frame.size();
      frame.write(context, allowed);
      take(before - frame.size());
    }

    @Override
    public void writeComplete() {
      take(counted);
      frame.writeComplete();
    }

    @Override
    public void error(ChannelHandlerContext context, Throwable cause) {
      take(counted);
      frame.error(context, cause);
    }

    /** Each is counted by itself. */
    @Override
    public boolean merge(ChannelHandlerContext context, FlowControlled next) {
      return false;
    }

    private void take(int some) {
      taken += some;
      counted -= some;
      bytes -= some;
    }
  }

  @Override
  public void addFlowControlled(Http2Stream stream, FlowControlled frame) {
    flow.addFlowControlled(stream, new Waiting(frame));
  }

  @Override
  public boolean hasFlowControlled(Http2Stream stream) {
    return flow.hasFlowControlled(stream);
  }

  @Override
  public void writePendingBytes() throws Http2Exception {
    flow.writePendingBytes();
  }

  @Override
  public void listener(Listener listener) {
    flow.listener(listener);
  }

  @Override
  public boolean isWritable(Http2Stream stream) {
    return flow.isWritable(stream);
  }

  @Override
  public void channelWritabilityChanged() throws Http2Exception {
    flow.channelWritabilityChanged();
  }

  @Override
  public void updateDependencyTree(int child, int parent, short weight, boolean exclusive) {
    flow.updateDependencyTree(child, parent, weight, exclusive);
  }

  @Override
  public ChannelHandlerContext channelHandlerContext() {
    return flow.channelHandlerContext();
  }

  @Override
  public void channelHandlerContext(ChannelHandlerContext context) throws Http2Exception {
    flow.channelHandlerContext(context);
  }

  @Override
  public void initialWindowSize(int size) throws Http2Exception {
    flow.initialWindowSize(size);
  }

  @Override
  public int initialWindowSize() {
    return flow.initialWindowSize();
  }

  @Override
  public int windowSize(Http2Stream stream) {
    return flow.windowSize(stream);
  }

  @Override
  public void incrementWindowSize(Http2Stream stream, int delta) throws Http2Exception {
    flow.incrementWindowSize(stream, delta);
  }
}
