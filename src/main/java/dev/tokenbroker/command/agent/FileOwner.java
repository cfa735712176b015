package dev.tokenbroker.command.agent;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import org.jspecify.annotations.Nullable;

/**
 * The user and the group of a file.
 *
 * @param user null for the user of this process
 * @param group null for the group that a new file gets
 */
record FileOwner(@Nullable UserPrincipal user, @Nullable GroupPrincipal group) {

  static final FileOwner OURS = new FileOwner(null, null);

  /**
   * Looks up {@code USER}, {@code USER:GROUP} or {@code :GROUP}: names, or numbers.
   *
   * @throws IOException if the system does not know one of them
   */
  static FileOwner named(String text) throws IOException {
    UserPrincipalLookupService names = FileSystems.getDefault().getUserPrincipalLookupService();
    int colon = text.indexOf(':');
    String user = colon < 0 ? text : text.substring(0, colon);
    String group = colon < 0 ? "" : text.substring(colon + 1);
    return new FileOwner(
        user.isEmpty() ? null : names.lookupPrincipalByName(user),
        group.isEmpty() ? null : names.lookupPrincipalByGroupName(group));
  }

  /** Gives the file to the group. */
  void giveGroup(PosixFileAttributeView file) throws IOException {
    if (group != null) {
      file.setGroup(group);
    }
  }

  /** Gives the file to the group and the user. */
  void give(PosixFileAttributeView file) throws IOException {
    giveGroup(file);
    if (user != null) {
      file.setOwner(user);
    }
  }
}
