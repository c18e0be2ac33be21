// Sentences of technical documentation: manual pages, references of libraries. Written for this purpose; no text of any
// project.
#include "training/fit/background_texts.h"

namespace logsieve {

const std::string_view kBackgroundManual = R"text(
With no file, or when the file is a dash, the standard input is read instead.
This option may be given more than once, and the values are tried in the order in which they appear.
Print a short summary of all options and leave without doing anything else.
The exit status is zero if every file could be read, one if some could not, and two on wrong usage.
Lines that begin with a hash mark are comments and are ignored, as are empty ones.
If the variable PAGER is set, its value is used as the program that shows the text.
Sizes are in bytes unless they are followed by one of the letters k, M or G.
Do not follow symbolic links; copy the link itself rather than what it points to.
The default is to keep the modification time of the original but not its owner.
Show only the names of files that differ, without saying how.
A pattern that ends in a slash matches directories only.
This is the opposite of the previous option and cancels it if it comes later on the command line.
Without this flag the command asks before it overwrites anything.
The order of the fields can be changed with a comma-separated list of their names.
Columns are separated by a tab unless another delimiter is chosen.
Options are read first from the system-wide file and then from the one in the home directory of the user.
When several of these are given, the last one wins.
The command takes the name of a device, such as a disk or a partition, and prints what it knows about it.
It is equivalent to calling the program with the long form of the same option.
Only the superuser may set a negative value.
See the section on quoting below for the characters that have a special meaning.
On some systems this limit is lower, and it can be queried with the second form of the call.
The program was originally written for a much older system, and parts of its syntax still show it.
Bugs should be sent to the mailing list, together with the version number and a short example.
Upon success the number of bytes written is returned; on error, minus one, and the global variable is set to say which.
The structure has at least the following members, though not necessarily in this order.
The call blocks until at least one of the descriptors is ready or a signal arrives.
A value of zero for the third argument means that there is no limit.
This function is safe to be called from several threads at once as long as each has its own buffer.
The returned string lies in static storage and is overwritten by the next call.
The caller must hold the lock for the whole time that it walks the list.
If the file does not exist and the flag for creation is not given, the call fails.
The mask of the process is applied to the mode before the file is made.
Memory locks are not inherited by a child and are given up when the process ends.
The timer is one-shot unless an interval has been set for it.
Applications that need more precision should use the newer interface described in the companion page.
Portable programs must not rely on the order in which the handlers are called.
The standard leaves it open whether the pointer may be null when the length is zero.
This system call first appeared in a kernel of the last century and has changed little since.
The feature test macro has to be defined before any header is included.
The first form draws the page on screen, the second writes it into a file.
Compress every file on the command line and replace it with one that has an added suffix.
The level ranges from one, which is fastest, to nine, which gives the smallest result.
Extract the named members, or all of them if no names are given.
The archive is read from tape unless a file is named.
Paths inside the archive are stored without the leading slash so that they can be unpacked anywhere.
Existing members of the same name are replaced only if the new one is younger.
Test the integrity of the archive without writing anything to disk.
Use this when the other side of the pipe cannot seek.
Lists are sorted by the rules of the current locale; set the variable to C for plain byte order.
Two lines that compare equal keep the order which they had in the input.
The key is a range of fields, counted from one, each of which may carry letters that change how it is compared.
Repeated lines are found only if they are next to each other, so you may want to sort the input first.
Words longer than the width are broken at the margin.
Each occurrence of the first string is replaced by the second, character by character.
If the second set is shorter than the first, its last character is repeated as often as necessary.
An address can be a line number, a dollar sign for the last line, or an expression between slashes.
The hold space keeps its contents from one cycle to the next.
Print the first part of each file, ten lines unless told otherwise.
Keep the file open and print what is added to it as it grows.
Count the characters, words and lines of the text and print a total if there is more than one file.
The pager lets you scroll backwards as well as forwards and search with the slash key.
Interpret the argument as a basic expression rather than an extended one.
Binary files are reported with a single line that says whether they match.
Print as many lines of context around each match as the number says.
Descend into directories but leave out those whose name matches the given glob.
The action is taken only for files for which all of the preceding tests are true.
Numbers may be preceded by a plus or a minus, which stand for more than and less than.
Users who are not in the group may neither list nor enter the directory.
The sticky bit keeps people from removing the files of others in a shared folder.
Permissions are given as three octal digits or in symbolic form.
A lower niceness means that the process gets a larger part of the processor.
Processes are shown as a tree, with children indented below their parents.
The second column is the share of time that the task has been running since it began.
Set the name of the terminal; the description is looked up in a database of capabilities.
The left arrow moves the cursor one character back, and together with the control key one word.
Typing the prefix twice sends it to the program inside the window.
Sessions go on after the terminal has been closed and can be attached from another one.
The following key bindings are available in command mode.
History expansion is done immediately after a complete line has been read.
Word splitting does not take place inside double quotes.
The shell looks for the command in each of the directories of the path in turn.
A function runs in the current shell and may change its variables, unlike a script.
The status of a pipeline is that of its last command.
Brace expansion is purely textual and takes place before any other expansion.
Here documents are read up to a line that contains nothing but the delimiter.
Job control is off by default in scripts.
The built-in of the same name hides the program of that name; use the full path to get at it.
Arithmetic is done in integers of fixed width, without a check for overflow.
Mount the file system that is found on the device at the given directory.
The table of file systems has six fields, the last of which says in which order they are checked at boot.
Swap areas with a higher priority are filled first.
The label of a volume may be at most sixteen characters long.
Blocks are allocated lazily, so a sparse file may be longer than the disk is large.
The journal may be kept on another device to make writing faster.
Do not run this on a mounted file system, or data may be lost.
A snapshot takes no space at first and grows as the original changes.
The partition table is written only when you leave the editor with the write command.
Interfaces are brought up in the order in which they are listed in this file.
The gateway must be on the same network as one of the addresses of the host.
Rules are looked at from the top, and the first that matches decides.
Packets that match none of the rules are handled by the policy of the chain.
A netmask can be written as a number of bits after a slash.
The resolver tries each name server in turn, with a pause that doubles from round to round.
Names without a dot are completed with the search list.
Fetch the document at the address and write it to the standard output.
Cookies are kept in the jar between calls.
Send the contents of the file as the body of the request.
The user name and the password may be separated by a colon; without the latter you are asked for it.
Use the proxy only for hosts outside the local domain.
Certificates of unknown authorities are rejected unless this is switched off.
Forward a port of the local machine through the encrypted channel to a port of the other one.
The private key should be readable by its owner and by nobody else.
A passphrase protects the key when the file falls into the wrong hands.
The agent keeps decrypted keys in memory for the time of the session.
Host keys are compared with those of earlier visits.
Sign the message with your default key and attach the signature in a file of its own.
The web of trust is made of signatures that people give on the keys of others.
Algorithms that are considered weak are disabled unless they are enabled explicitly.
The fingerprint should be compared over a channel that you trust.
Packages are downloaded but neither unpacked nor installed.
Dependencies that were pulled in automatically and are no longer needed can be removed with this command.
A virtual package is provided by several others, one of which must be present.
Held packages stay at their version when everything else is upgraded.
Configuration files that you have changed are left alone.
The unit is started when somebody connects to its socket for the first time.
Services are ordered by the lists of what has to run before and after them.
If the main process exits, the manager starts it again after the configured delay.
Timers are written as calendar expressions, for instance the first Monday of each month.
The table has five fields for the time, followed by the command.
Output of the job is mailed to the owner of the table.
Facilities and priorities are separated by a dot, and several selectors by semicolons.
Rotated files are compressed on the next run, so that programs that still have them open are not disturbed.
The ring buffer of the kernel is printed and may be cleared afterwards.
Clocks of machines in the same building usually agree to within a millisecond.
The module takes a parameter that sets how many queues it makes.
Show the branches that contain the given commit.
The index holds a snapshot of the working tree, and it is this snapshot that is recorded by the next commit.
A detached head is not on any branch, and commits made there are easily lost.
Merge the named branches into the current one, recording a commit with two parents.
Rewriting commits that others have based their work on is bad manners.
The stash is a stack to which changes can be put aside.
Submodules are recorded as the identifier of a commit in another repository.
Hooks are scripts in a folder of the repository; they do not travel with a clone.
Patches are applied in the order of their file names.
A hunk that cannot be placed is saved in a file with the suffix for rejects.
Compile or assemble the source files but do not link them.
Warnings are about constructions that are not wrong in themselves but are risky.
Optimisation makes the compiler take somewhat more time and a lot more memory for a large function.
Directories named with this option are searched before the standard ones.
Define a macro with the value one, as if the source began with it.
Symbols that are not referenced from anywhere may be dropped from the executable.
The library must come after the objects that use it on the command line.
Debugging information is kept in a separate file, found by its build identifier.
The address space is laid out at random each time the program is started.
Set a breakpoint at the beginning of the function or at the given line.
Execution goes on until the next source line, stepping over calls.
The expression is evaluated in the context of the selected frame.
Samples are taken a thousand times a second, whatever the program is doing.
A target is remade if any of its prerequisites is newer.
Recipes must begin with a tab character.
Pattern rules apply to any file whose name matches the stem.
Build in a folder of its own, to keep the source tree clean.
Generators for several native tools are included; choose one of them at the first run.
Variables that are set in the cache stay there until the file is deleted.
The picture is scaled so that its longer side has the given number of pixels.
Colours may be written as names, as hexadecimal triples or as percentages.
Crop the image to the rectangle and move its origin to the upper left corner.
The quality of the compression is a number between one and a hundred.
Each frame of the animation is shown for the given number of hundredths of a second.
Sound is resampled if the card does not support the rate of the file.
The channels of the input are mixed down to one unless the output has more.
Printers are addressed by the names that the administrator has given them.
Print on both sides of the sheet, turning at the long edge.
Pages are counted from the first of the document, whatever number is printed on them.
Fonts are looked up in the folders of the list, subfolders included.
The table of contents is made from the headings up to the third level.
Macros of this package begin with a dot and have names of one or two capital letters.
A paragraph is indented by the amount of the current register.
Footnotes are collected at the foot of the page on which they are called.
The document is converted without its pictures unless a folder for them is named.
Characters that have no equivalent in the output encoding are replaced by a question mark.
Dates may be given in almost any common form, including next Thursday and two weeks ago.
Time zones are files in a compiled format, one for each region and city.
The calendar shows the current month, with today in reverse video.
The calculator works with numbers of any size and as many decimals as the scale says.
The dictionary can be searched by prefix, by suffix or by sound.
Random numbers are taken from the pool of the system; do not seed them yourself.
Passwords are generated so that they can be pronounced, which makes them easier to remember and weaker.
Accounts that have not been used for the given number of days are locked.
A secondary group gives its members access to what the group owns.
The quota is a soft limit that may be exceeded for a week.
Limits apply to the shell and to everything that is started from it.
Containers share the kernel of their host but have their own view of processes, users and the network.
The image is built in layers, each of which is cached by the text of its instruction.
Volumes outlive the containers that use them and must be deleted by hand.
Environment variables override the file, and options override both.
The manifest lists all objects together with their desired state.
A selector picks the objects whose labels agree with all of its requirements.
Quotas count against the project and not against the person who creates the machine.
Regions differ in price and in the services that they offer.
The role must be granted at the level of the folder or above.
Requests beyond the rate are queued rather than refused.
Keys that have expired are removed lazily, when somebody asks for them.
An index speeds up reading at the price of writing.
The statement is prepared once and executed as often as you like with different values.
Rows that violate the constraint are not inserted, and the whole statement is rolled back.
The planner estimates the cost of each path from statistics that are gathered now and then.
A view is a stored query and holds no rows of its own.
Replicas follow the primary with a small delay and answer only queries that read.
Dump the database as a script of statements that would create it anew.
The schema is a name space for tables, types and functions.
Letters are compared without regard to their case if the collation says so.
This page documents version three of the program; older ones lack some of the options.
The syntax diagram uses square brackets for what may be left out and bars for alternatives.
This command is of interest mainly to those who write scripts.
Its author no longer recommends it and suggests the other tool of the same package.
More examples can be found in the documentation that comes with the source.
Copyright lies with the authors; there is no warranty, to the extent that the law permits.
the number of seconds to wait before giving up, or zero to wait forever
name of the file that holds the list of patterns, one a line
same as the option above, but for directories
do not print the headings
colour the output: always, never, or when it goes to a terminal
list all available formats and exit
be more talkative about what is being done
)text";

const std::string_view kBackgroundReference = R"text(
Return true if the two sets have no element in common.
Return a new list with the elements in reverse order; the original is left as it was.
Create a directory with a name that nobody else can guess and return its path.
Convert the number to a string in the given base, which must lie between two and thirty-six.
Return the position of the first occurrence of the substring, or minus one if there is none.
Compute the hash of the bytes and return it as lower-case hexadecimal digits.
Raise an exception if the value is not a positive integer.
Wait until the thread ends, or until the given time has passed, whichever comes first.
Register a function to be called when the interpreter exits.
Add the item to the end of the queue, waiting for a free slot if necessary.
Like the method above, but takes a callback instead of returning a future.
Decode the sequence of bytes with the given codec and handle errors as the third argument says.
Returns the number of characters read, which may be less than was asked for.
Base class for all events that a window can receive.
A mapping that remembers the order in which its keys were first inserted.
Wrapper around a file object that counts the lines as they pass.
Iterator over the words of a text, with punctuation stripped.
Instances behave like numbers and can be added, compared and rounded.
A context manager that changes the working directory and goes back at the end.
The decorated function is called at most once; later calls get the stored result.
Callers may pass either an open file or the name of one.
Keyword arguments are handed on to the constructor of the parent class.
Optional argument that says how deep the tree should be copied.
The default implementation simply returns its argument unchanged.
Implementations must be safe for use by several goroutines at the same time.
The zero value is an empty buffer that is ready to use.
A nil map behaves like an empty one when it is read, but writing to it panics.
The slice that is returned shares its memory with the argument, so it should not be modified.
This type implements the reader and the writer interface of the standard package.
Each variant of the enumeration stands for one kind of node in the syntax tree.
The closure is run on the thread pool, and its value is sent back over a channel.
Panics if the index is out of bounds or does not lie on the boundary of a character.
Consumes the iterator and collects its items into a vector.
Borrows the contents mutably; the borrow lasts until the guard goes out of scope.
The trait is sealed and cannot be implemented outside this crate.
Allocates room for at least so many more elements without changing the length.
Two values are equal if all their fields are.
The comparator must define a total order, otherwise the result is unspecified.
Attaches a listener that is notified whenever the selection changes.
Gets or sets the colour of the text.
Gets the number of elements that the collection holds.
An exception that is thrown when a stream is used after it has been closed.
This constructor makes a deep copy of its argument.
Subclasses that override this method must call the one of the superclass first.
The generic parameter is the type of the keys.
Reads a line of text, without the characters that end it.
Returns a stream of all prime numbers below the limit, lazily.
Fires when the user lets go of the mouse button over the element.
The promise is resolved with the parsed document, or rejected with the reason.
Props that are not listed here are passed to the underlying element.
The handler receives the event as its only argument.
Whether the dialog can be closed by pressing the escape key.
Maximum number of items shown before the list begins to scroll.
Width of the border in pixels; zero hides it.
Text shown in place of an empty field.
Name of the column that holds the weights, if there is one.
Array of shape samples by features, in row-major order.
The axis along which the sum is taken; by default all of them.
Number of neighbours that take part in the vote.
Fraction of the data that is set aside for testing.
Seed of the random generator, so that results can be reproduced.
Learning stops when the loss has not improved for this many rounds.
The gradient is clipped to the interval before the weights are changed.
Draws samples from a normal distribution with the given mean and deviation.
Solves the linear system for each column of the right-hand side.
Interpolates between the points with cubic splines.
Coordinates are relative to the upper left corner of the parent.
Transforms a point from the space of the object to the space of the world.
Normal vectors are expected to have length one.
Loads a texture and keeps it on the card until the scene is destroyed.
Parses the arguments of the command line and returns a structure with one field for each.
Adds a subcommand with its own parser and help text.
Formats the value according to the mini-language described in the section on strings.
Escapes the characters that have a meaning in markup.
Splits a shell-like string into words, honouring quotes.
Matches the expression at the start of the string only.
Group zero is the whole match; groups that took no part in it are none.
Compiles the template to a function and keeps it for the next time.
Walks the directory tree from the top and yields a triple for each folder.
Changes the access and modification times of the path.
Tells whether the path points to something that exists.
Joins the components with the separator of the platform.
Reads the whole file into memory, so beware of large ones.
Opens the archive for reading; members are decompressed one at a time.
Serialises the object as a string of text in which keys are sorted.
Numbers that do not fit are turned into floating point, with a loss of digits.
Validates the document against the schema and returns the list of violations.
The cursor can be moved forwards only.
Fetches the next row of the result, or nothing if there are no more.
Begins a transaction that ends when the block is left, with a rollback if an exception was raised.
Field that refers to a row of another table by its primary key.
Deletes all related objects together with this one.
Queries are not sent before the results are looked at.
The route is tried only if its method and its path agree with the request.
Middleware wraps the handler and can look at the response on its way out.
Sends an answer with the given status and an empty body.
Header names are compared without regard to case.
Encodes the parameters for use in the query part of an address.
Session data is signed but not encrypted, so do not put secrets into it.
The socket is switched to non-blocking mode by this call.
Resolves the name of the host and connects to the first address that accepts.
Writes may be partial; use the other method to send everything.
Suspends the coroutine until the lock can be taken.
Cancels the task at its next suspension point.
Tasks in a group are awaited together, and if one of them fails the others are cancelled.
A semaphore with a single permit, to be released by whoever acquired it.
Schedules the call for the next turn of the event loop.
Assert that the two values are equal, with a message that shows where they differ.
Marks the test as an expected failure on this platform.
Replaces the attribute by a mock for the duration of the test.
Prepares the fixture before each test and tears it down afterwards.
Records how often the function is called and how long it takes.
Collects statistics about the objects that are alive.
Source code is turned into an abstract syntax tree and the tree into instructions.
Represents a token with its kind, its text and its place in the source.
Visits every child of the node before the node itself.
Emits an instruction that pushes a constant on the stack.
Unparses the tree so that the output can be read by the parser again.
Evaluates to the number of days in the month, leap years included.
Adds the duration to the date, taking daylight saving into account.
Returns the local time as a tuple of nine numbers.
Rounds half to even, as accountants like it.
Greatest integer that is not larger than the quotient.
Exact fraction with numerator and denominator in lowest terms.
Truncates the text to the width and marks the cut with an ellipsis.
Wraps a paragraph so that no line is longer than the width.
Folds the case of the text for comparison, which goes further than making it lower.
Guesses the type of a file by the ending of its name.
Strips the common indentation from all lines of a block.
Finds the longest block of lines that the two sequences have in common.
Yields the lines of a patch in the unified format.
Pushes the item onto the heap and then pops the smallest.
Locates the place where the item would have to be inserted to keep the list sorted.
Rotates the deque by so many steps to the right.
Counts how often each element occurs and returns the most common ones first.
Applies the function to pairs of neighbours until a single value is left.
Freezes the arguments and returns a function that needs fewer of them.
Looks the attribute up on the class and then on its bases.
Metaclasses decide how classes themselves are made.
Descriptors are invoked when the attribute is read through an instance.
Names with two leading underscores are mangled by the compiler.
Annotations are not evaluated until somebody asks for them.
Reference to an object that does not keep it alive.
Makes a shallow copy: the elements are shared by both.
Turns a nested structure into a flat list.
Merges the dictionaries from left to right, so that later values win.
Use the inherited settings unless the section has its own.
Options in the default section are visible from all the others.
Values may refer to each other with a percent sign and the name in parentheses.
The parser knows nothing about the meaning of the tags.
Elements are created for start tags and closed by the end tags.
Returns the inner text of the node and all its descendants.
Attribute values are always quoted in the output.
Namespace prefixes can be chosen freely and carry no meaning.
Fills in the missing parts of the address from the base.
Message parts are numbered in the order of the tree.
Header fields that are too long are folded at a blank.
Produces a unique identifier that is fit for use in a message.
Mailboxes are locked while they are changed.
Plays the sample in the background and returns at once.
Converts a pixel from one colour space to another.
The palette maps the indices of the picture to colours.
Moves the pen to the given place without drawing a line.
Binds a key to a function; the binding holds for this widget only.
Geometry managers decide on the size and the place of the widgets.
Menus are torn off when the first entry, a dashed line, is chosen.
Entry of the table of opcodes: name, arguments and effect on the stack.
See also the function of the same name in the other module.
This is a low-level interface that most programs do not need.
It exists for compatibility with older code and may go away.
Deprecated: use the constructor with two arguments instead.
Not available on systems that have no notion of user identifiers.
Internal helper; not part of the public interface.
The algorithm is that of the paper cited at the top of the module.
Complexity is linear in the length of the longer argument.
The result is undefined for an empty sequence.
Modifies the list in place and returns nothing.
Same as calling the constructor and then the method of that name.
)text";

}  // namespace logsieve
