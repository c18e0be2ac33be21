// Fiction, talk, news and other everyday prose in short sentences. Written for this purpose; no text of any collection.
#include "training/fit/background_texts.h"

namespace logsieve {

const std::string_view kBackgroundFiction = R"text(
"I never said that," she answered, and went on peeling the potatoes.
"Where have you been all this time?" he asked, not looking up from the map.
"You will have to shout," the old man told me, "for I am deaf on that side."
He shut the door, counted to ten and opened it again.
"Well," said Thomas at last, "I suppose we had better begin."
The letter was still lying where I had left it.
She had not expected him to come, and now that he was there she did not know what to say.
"Is it far?" "Not if you walk quickly."
There was a knock, then a second one, softer than the first.
My father kept his medals in a biscuit tin under the stairs.
"Give it back!" cried the boy, but the magpie was already on the roof.
They sat down to supper without a word.
It had been raining since Tuesday.
The doctor shook his head and closed his bag.
"If I were you," whispered the maid, "I would burn that coat."
I woke before the others and lit the stove.
All at once the lights of the fairground went out.
"What would your mother say?" "Nothing good."
Anna laughed, though nobody had made a joke.
The carriage stopped at the gate, and a tall woman in grey got out.
He owed money to half the town and was liked by the other half.
"Hush," she said. "Listen."
No answer came from behind the curtain.
The last thing he remembered was the smell of oranges.
You must understand that in those days nobody locked their doors.
"A penny for your thoughts," said the stranger on the bench.
She turned the key and the engine coughed twice before it caught.
We were seven at table that evening, not counting the dog.
The sergeant looked at my papers, then at me, then at my papers again.
"Tell me," he began, and then thought better of it.
Nothing moved in the street except a sheet of newspaper.
Her brother had the habit of finishing other people's sentences.
"I do not believe in ghosts," the vicar declared, a little too loudly.
On the third day they ran out of water.
He could hear his own heart beating in the dark.
The girl with the red scarf was gone, and so was the boat.
"Sit down, both of you," said Grandmother, and they sat.
It was not much of a house, but it was ours.
"Did you bring the money?" "Did you bring the photographs?"
The clerk wrote something in his book and pushed it across the counter.
From the window one could see the whole of the bay.
By morning the fever had broken.
She read the telegram aloud, then folded it into a small square.
"There are worse things than being laughed at," he told the mirror.
The hunters came back at dusk with nothing but mud on their boots.
Old Mrs Penrose had buried three husbands and was looking about for a fourth.
He had the patience of a fisherman and the temper of a cook.
"Promise me that you will write." "Every week."
The train was late, the bar was shut and the stove had gone out.
What he did next surprised everyone, himself most of all.
A gull landed on the rail and looked at us with one yellow eye.
"It is only the wind," said Marie, but she bolted the shutters.
The king had three daughters, and the youngest could speak with birds.
Once upon a time there lived a miller who was too proud to say good morning.
The dragon yawned, turned over and went back to sleep.
"By the third moon," said the witch, "you will have forgotten my name."
The ship's doctor played the violin badly and often.
Nobody had told the colonel that the war was over.
She wore her hair short, like the women in the films.
The ticket collector punched a hole in my ticket and wished me a pleasant journey.
In the garden behind the inn a band was tuning up.
He put down his glass. "You are lying," he said pleasantly.
The child drew a house with five chimneys and a sun on each side.
"We close in ten minutes," the librarian announced.
Somewhere a dog barked, and another answered it.
They had quarrelled about the curtains, and now they were not speaking.
A cold draught came in under the door.
I had known him for years and still could not tell when he was joking.
The bread was stale, the cheese was hard and the wine was excellent.
"Left or right?" "Whichever you like. Both go to the sea."
The detective lit his pipe and asked for the butler.
It was the smallest of mistakes, and it cost him everything.
She waved until the bus had turned the corner.
"I should have told you sooner." "Yes, you should."
The winter he turned nine, the lake froze to the bottom.
Every evening at six the widow set two places.
The road went up through pines and then there were no more trees.
"That is not a sheep," said the shepherd's son.
He spoke of his village as other men speak of a woman.
All the clocks in the shop showed a different hour.
ok see you at eight then, bring the board game
can you pick up milk on the way home? we are out again
happy new year to all of you, and kisses from grandma!!
no idea tbh, ask your sister
Just landed, the flight was fine but my suitcase went to Oslo.
I am so tired of this weather, when does spring begin
we should totally do that again some time
what a match! did you see that last goal?
This recipe saved my dinner party, though I used half the sugar.
Five stars for the waiter, two for the soup.
Not sure whether to buy the blue one or the green one, what do you think?
Reading this thread made my day, thank you strangers.
The mayor cut the ribbon, and the crowd applauded politely.
Rain is expected in the west, with bright spells later in the day.
The home side went ahead after twelve minutes with a header from a corner.
House prices rose for the seventh month in a row.
The company plans to open twenty shops in the coming year.
Talks between the two governments broke down late on Sunday.
An exhibition of her early drawings runs until the end of May.
The verdict was read out to a silent courtroom.
Doctors advise drinking plenty of water during the heat wave.
The union has called its members out on strike for the second time this month.
Schools in the valley will stay closed until the snow has been cleared.
The actor, who was best known for his role as a weary inspector, was eighty-one.
Wheat, barley and oats have been grown here since Roman times.
The river rises in the hills above the town and flows east for forty miles.
He was born the son of a cobbler and died the owner of nine theatres.
The species is found in wet meadows and flowers from June to August.
The battle lasted a single afternoon and decided the fate of the kingdom.
The church has a fine tower of the fifteenth century and a much older font.
Enzymes speed up reactions without being used up themselves.
The planet takes twelve years to go once around the sun.
Iron rusts because it gives electrons to oxygen.
Demand fell while supply stayed the same, and so did the price.
The muscle runs from the shoulder blade to the upper arm.
The pact was signed in a railway carriage and broken within a year.
Most of the inhabitants live from fishing and, lately, from tourists.
Beat the butter with the sugar until pale, then add the eggs one at a time.
Simmer for twenty minutes and take out the bay leaf before serving.
Knit two, purl two, and repeat to the end of the row.
Bring the queen out too early and she will be chased all over the board.
Prune the roses in March, just above an outward-facing bud.
Sand the surface lightly between the coats.
Breathe in as you raise your arms and out as you lower them.
To whom it may concern: I have known the bearer of this letter for ten years.
Dear Sir or Madam, I wish to complain about the state of the waiting room.
We regret to inform you that the position has been filled.
I look forward to your reply and remain yours faithfully.
Minutes of the meeting were approved with one abstention.
The chairman thanked the ladies for the flowers.
Each party shall bear its own costs.
The seller warrants that he has the right to sell the goods.
This clause does not affect the statutory rights of the consumer.
The witness stated that he had seen nothing unusual.
Love is not love that counts the hours it waited.
The night is long, the lamp is low, the river does not care.
Sing, little bird, for the cat is asleep.
And the sea went on saying the one word that it knows.
Better a small fish than an empty dish.
Who seeks two strings may play a fuller tune.
)text";

}  // namespace logsieve
