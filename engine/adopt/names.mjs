const LONGEST = 40;

/** Modules that Python has: a file of such a name beside a program would be imported in their place. */
const STANDARD = [
  'abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64',
  'bdb binascii bisect builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop',
  'collections colorsys compileall concurrent configparser contextlib contextvars copy',
  'copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils',
  'doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput',
  'fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib',
  'grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io',
  'ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap',
  'marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib',
  'nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle',
  'pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats',
  'pty pwd pyclbr pydoc pyexpat queue quopri random re readline reprlib resource',
  'rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd',
  'smtplib sndhdr socket socketserver spwd sqlite3 ssl stat statistics string stringprep',
  'struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib',
  'tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib',
  'trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest',
  'urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml',
  'xmlrpc zipapp zipfile zipimport zlib zoneinfo',
].flatMap((names) => names.split(' '));

/**
 * @param {string} text
 * @returns {string} its words in ASCII, as part of a file's name; empty if it has none
 */
export function slug(text) {
  const words = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    // An apostrophe joins: `Don't` is one word.
    .replace(/['’]/g, '')
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  let name = words.shift()?.slice(0, LONGEST) ?? '';
  for (const word of words) {
    if (name.length + 1 + word.length > LONGEST) break;
    name += `_${word}`;
  }
  return name;
}

/**
 * A name that means nothing else than the slide's.
 *
 * @param {string} name
 * @param {string} ending
 * @param {Set<string>} imported modules that the deck's programs import
 */
export function harmless(name, ending, imported) {
  const takes = ending === 'py' && (STANDARD.includes(name) || imported.has(name));
  // A file that begins so is taken for one, whatever its ending.
  const other = /^(docker|container|make)file$/.test(name) && name !== ending;
  return takes || other ? `${name}_example` : name;
}

/**
 * The folder of a deck's snippets.
 *
 * @param {string} file name of the old deck
 */
export function folderOf(file) {
  const name = slug(file.replace(/\.(md|markdown)$/i, '')) || 'deck';
  // What is in snippets/install/ is run to install something.
  return name === 'install' ? 'install_deck' : name;
}
