package dev.tokenbroker.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LingeringCloseTest {

  private final SlowToTake socket = new SlowToTake();
  private final HalfOpen connection = new HalfOpen();

  /** Takes nothing of what is written until it is told to. */
  private static final class SlowToTake extends ChannelOutboundHandlerAdapter {

    private boolean slow;

    @Override
    public void flush(ChannelHandlerContext context) {
      if (!slow) {
        context.flush();
      }
    }
  }

  /** A connection whose two directions are closed one by one. */
  private static final class HalfOpen extends EmbeddedChannel implements DuplexChannel {

    private boolean outputShut;

    @Override
    public boolean isInputShutdown() {
      return false;
    }

    @Override
    public boolean isOutputShutdown() {
      return outputShut;
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public ChannelFuture shutdownOutput() {
      return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
      outputShut = true;
      return promise.setSuccess();
    }

    @Override
    public ChannelFuture shutdownInput() {
      throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdown() {
      throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
      throw new UnsupportedOperationException();
    }
  }

  LingeringCloseTest() {
    connection.freezeTime();
    var _ = connection.pipeline().addLast(socket, new LingeringClose());
  }

  @AfterEach
  void stop() {
    boolean _ = connection.finishAndReleaseAll();
  }

  @Test
  void says_that_nothing_more_comes_and_lets_go_after_a_second() {
    ChannelFuture closed = connection.pipeline().close();
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThat(closed.isDone()).isFalse();

    connection.advanceTimeBy(1, TimeUnit.SECONDS);
    connection.runScheduledPendingTasks();

    assertThat(connection.isOpen()).isFalse();
    assertThat(closed.isSuccess()).isTrue();
  }

  @Test
  void waits_for_the_first_where_it_is_closed_again() {
    var _ = connection.pipeline().close();

    ChannelFuture again = connection.pipeline().close();
    assertThat(connection.isOpen()).isTrue();
    assertThat(again.isDone()).isFalse();

    connection.advanceTimeBy(1, TimeUnit.SECONDS);
    connection.runScheduledPendingTasks();
    assertThat(connection.isOpen()).isFalse();
    assertThat(again.isSuccess()).isTrue();
  }

  @Test
  void throws_away_what_still_comes() {
    var _ = connection.pipeline().close();
    ByteBuf late = Unpooled.buffer(1).writeZero(1);

    assertThat(connection.writeInbound(late)).isFalse();

    assertThat(late.refCnt()).isZero();
  }

  @Test
  void closes_at_once_where_it_is_closed_again_while_the_peer_takes_nothing() {
    socket.slow = true;
    var _ = connection.pipeline().close();
    assertThat(connection.isOpen()).isTrue();
    assertThat(connection.isOutputShutdown()).isFalse();

    var _ = connection.pipeline().close();

    assertThat(connection.isOpen()).isFalse();
  }
}
