# shellcheck shell=sh
# Finds a JDK 25 or newer and puts it into JAVA_HOME; sourced by ../mvnw before it looks for Java.
#
# Order: JAVA_HOME if it is new enough, then the javac on the PATH, then the usual places of package managers and
# version managers. Nothing is changed where JAVA_HOME is already right. Set MVNW_VERBOSE=true to see what was chosen.

find_jdk_wanted=25

# Prints the feature version ("25") that a JDK's `release` file states; prints nothing where it is no JDK.
find_jdk_version() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9]*\).*/\1/p' "$1/release"
}

find_jdk_is_wanted() {
  find_jdk_found=$(find_jdk_version "$1")
  [ -n "$find_jdk_found" ] && [ "$find_jdk_found" -ge "$find_jdk_wanted" ]
}

find_jdk_candidates() {
  find_jdk_javac=$(command -v javac || true)
  if [ -n "$find_jdk_javac" ]; then
    find_jdk_javac=$(readlink -f "$find_jdk_javac")
    dirname "$(dirname "$find_jdk_javac")"
  fi
  set +f # mvnw switches globbing off
  for find_jdk_dir in \
    /usr/lib/jvm/*25* /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* \
    "${HOME:-/nonexistent}"/.jdks/* \
    "${HOME:-/nonexistent}"/.asdf/installs/java/* \
    "${HOME:-/nonexistent}"/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    echo "$find_jdk_dir"
  done
}

if [ -z "${JAVA_HOME-}" ] || ! find_jdk_is_wanted "$JAVA_HOME"; then
  find_jdk_home=$(find_jdk_candidates | while IFS= read -r find_jdk_dir; do
    # Debian's JDK of that name is there for compilers to run on, and does not trust what the system trusts.
    case $find_jdk_dir in *-jvmci) continue ;; esac
    if find_jdk_is_wanted "$find_jdk_dir"; then
      echo "$find_jdk_dir"
      break
    fi
  done)
  if [ -z "$find_jdk_home" ]; then
    echo "Token Broker needs JDK $find_jdk_wanted or newer, and none was found: install one and set JAVA_HOME to it." >&2
    return 1 2>/dev/null || exit 1
  fi
  JAVA_HOME=$find_jdk_home
  export JAVA_HOME
  [ "${MVNW_VERBOSE-}" != true ] || echo "Using the JDK in $JAVA_HOME" >&2
fi
